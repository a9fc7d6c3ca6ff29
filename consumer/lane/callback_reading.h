#pragma once

#include <chrono>
#include <optional>

#include "common/base/rfc3339.h"
#include "consumer/lane/moment.h"
#include "consumer/lane/records.h"
#include "consumer/lane/restorer.h"

namespace consumer {

/// Until which time the callbacks of ONE partition were read. The API is not asked about a process
/// before that: a callback in our own backlog is not lost. Pure.
///
///   end looked up at t, reading reaches it    everything that came before t was read
///   announcement read, then that             no callback from before the announcement can come
///
/// Threads: confined to the lane.
class CallbackReading {
 public:
  /// The end of the partition was looked up.
  void Learn(const LogBounds& bounds, const Moment& now);
  /// An announcement of that record time was read.
  void Announced(common::WallTime at, std::chrono::steady_clock::time_point now);
  /// Reading has come to `next`. Returns, once, the record time of an announcement that was read
  /// before this end was looked up.
  [[nodiscard]] std::optional<common::WallTime> HasReached(Offset next);

  /// Callbacks that came before it were read.
  [[nodiscard]] common::WallTime until() const { return until_; }

 private:
  /// Of an announcement. The next one counts once this one has passed.
  struct Passing {
    common::WallTime time;
    std::chrono::steady_clock::time_point read_at;
    bool is_before_end = false;  ///< The end was looked up after it was read.
  };

  std::optional<Offset> end_;       ///< As looked up …
  common::WallTime end_seen_at_{};  ///< … at this time.
  common::WallTime until_{};
  std::optional<Passing> passing_;
};

}  // namespace consumer
