#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

namespace ingest {

/// A period in which requests are shed, so that a flood of refusals makes only two log lines.
///
///   kNormal --Refused()--> kShedding --nothing refused for 2 s, and room for all--> kNormal
///
/// Time: reads no clock.
class SheddingEpisode {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  struct Summary {
    std::uint64_t refused = 0;
    std::chrono::steady_clock::duration lasted{};  ///< From first to last refusal.
  };

  /// Returns true if this refusal begins an episode.
  bool Refused(TimePoint now) {
    const bool begins = refused_ == 0;
    if (begins) first_ = now;
    last_ = now;
    ++refused_;
    return begins;
  }

  /// Returns the summary if the episode is over. Call now and then.
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
