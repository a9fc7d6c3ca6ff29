#pragma once

#include <algorithm>
#include <chrono>
#include <optional>

#include "common/base/rfc3339.h"

namespace ingest {

/// How long the oldest record has waited, by both clocks: its time may come from another machine or
/// a clock that was set back later, and the disk may not know it now.
///
/// Threads: confined.
/// Time:    passed as arguments.
class WaitingAge {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  /// `oldest`: the time of the oldest waiting record; nullopt: unknown.
  std::chrono::milliseconds At(bool is_any_waiting, std::optional<common::WallTime> oldest,
                               common::WallTime wall_now, TimePoint now) {
    using std::chrono::milliseconds;
    if (!is_any_waiting) {
      watched_.reset();
      return milliseconds(0);
    }
    const milliseconds by_its_time =
        oldest ? std::max(milliseconds(0), wall_now - *oldest) : milliseconds(0);
    const bool is_another = oldest && (!watched_ || watched_->oldest != oldest);
    if (!watched_ || is_another) watched_ = Watched{oldest, by_its_time, now};
    const auto since = std::chrono::duration_cast<milliseconds>(now - watched_->since);
    return std::max(by_its_time, watched_->age + since);
  }

 private:
  /// The oldest record, as first seen.
  struct Watched {
    std::optional<common::WallTime> oldest;
    std::chrono::milliseconds age{};
    TimePoint since;
  };
  std::optional<Watched> watched_;
};

}  // namespace ingest
