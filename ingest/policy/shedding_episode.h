#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

namespace ingest {

/// One stretch of time in which requests are shed, so that a flood of them is two log lines.
///
///   kNormal --Refused()--> kShedding --nothing refused for 2 s, and room for all--> kNormal
///
/// Time: reads no clock.
class SheddingEpisode {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  struct Summary {
    std::uint64_t refused = 0;
    std::chrono::steady_clock::duration lasted{};  ///< First to last refusal.
  };

  /// True: an episode begins.
  bool Refused(TimePoint now) {
    const bool begins = refused_ == 0;
    if (begins) first_ = now;
    last_ = now;
    ++refused_;
    return begins;
  }

  /// What the episode was, if it is over now. To be called now and then.
  std::optional<Summary> EndedBy(TimePoint now, bool has_room) {
    constexpr std::chrono::seconds kQuiet{2};
    if (refused_ == 0 || !has_room || now - last_ < kQuiet) return std::nullopt;
    const Summary summary{.refused = refused_, .lasted = last_ - first_};
    refused_ = 0;
    return summary;
  }

 private:
  std::uint64_t refused_ = 0;
  TimePoint first_{};
  TimePoint last_{};
};

}  // namespace ingest
