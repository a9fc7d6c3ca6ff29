#pragma once

#include <chrono>

#include "common/tracing/span.h"

namespace common::tracing {

/// Bounds the slow traces that are recorded against the sampler's decision: after an outage, all
/// are slow. Allows the first ones of each second.
///
/// Threads: confined to one, or guarded.
class RecordingLimit {
 public:
  static constexpr int kPerSecond = 10;

  [[nodiscard]] bool Allows(SpanTime now) {
    constexpr std::chrono::seconds kPeriod{1};
    // Clocks are set back, too.
    if (now - since_ >= kPeriod || since_ - now >= kPeriod) {
      since_ = now;
      taken_ = 0;
    }
    if (taken_ == kPerSecond) return false;
    ++taken_;
    return true;
  }

 private:
  SpanTime since_{};
  int taken_ = 0;
};

}  // namespace common::tracing
