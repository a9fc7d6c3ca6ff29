#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "common/tracing/trace_context.h"

namespace common::tracing {

/// Decides whether the spans of a trace are recorded, when it begins or is continued here. Pure.
///
/// The last 8 bytes of the id decide on a trace that begins here, as in OpenTelemetry's
/// TraceIdRatioBased: every sampler of one ratio decides alike, and a higher ratio samples each
/// trace that a lower one samples. Follows a caller's decision (ParentBased) unless
/// `follows_parent` is false.
class Sampler {
 public:
  /// `ratio`: 0 to 1.
  explicit Sampler(double ratio, bool follows_parent = true)
      : ratio_(ratio), follows_parent_(follows_parent) {}

  [[nodiscard]] bool Samples(const TraceId& trace,
                             const std::optional<TraceContext>& parent = std::nullopt) const {
    if (follows_parent_ && parent) return parent->is_sampled;
    if (ratio_ >= 1) return true;
    std::uint64_t number = 0;
    for (std::size_t i = 8; i < trace.bytes.size(); ++i) number = number << 8U | trace.bytes[i];
    constexpr double kRange = 18'446'744'073'709'551'616.0;  // 2^64
    return static_cast<double>(number) < ratio_ * kRange;
  }

 private:
  double ratio_;
  bool follows_parent_;
};

}  // namespace common::tracing
