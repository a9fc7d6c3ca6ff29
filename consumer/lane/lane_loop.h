#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <stop_token>

#include "consumer/lane/lane.h"

namespace consumer {

/// What others may know of a lane.
///
/// Threads: written by the lane, read by any.
class LaneStatus {
 public:
  using Clock = std::chrono::steady_clock;

  void Turned(Clock::time_point now, bool is_in_group) {
    turned_at_.store(now.time_since_epoch().count());
    is_in_group_.store(is_in_group);
  }
  void Ended() { is_in_group_.store(false); }

  [[nodiscard]] bool is_in_group() const { return is_in_group_.load(); }
  /// Whether the loop has turned within `limit`.
  [[nodiscard]] bool IsAlive(Clock::time_point now, Clock::duration limit) const {
    return now - Clock::time_point(Clock::duration(turned_at_.load())) <= limit;
  }

 private:
  std::atomic<Clock::rep> turned_at_{Clock::now().time_since_epoch().count()};
  std::atomic<bool> is_in_group_{false};
};

/// Waits until a port of the lane has something, a request progresses or the time has passed.
using LaneWait = std::function<void(std::chrono::milliseconds timeout)>;

/// Turns the lane until a stop is asked for or it fails, then closes it. `is_intake_held` is asked
/// before each turn. The lane's failure, if that was the end.
std::optional<common::Error> RunLane(Lane& lane, const LaneWait& wait,
                                     const std::function<bool()>& is_intake_held,
                                     LaneStatus& status, const std::stop_token& stop);

}  // namespace consumer
