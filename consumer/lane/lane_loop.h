#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <optional>
#include <stop_token>

#include "consumer/lane/lane.h"
#include "consumer/lane/pulse.h"

namespace consumer {

/// The public state of a lane.
///
/// Threads: written by the lane, read by any.
class LaneStatus {
 public:
  void Turned(Pulse::Clock::time_point now, const Lane& lane) {
    pulse_.Beat(now);
    is_in_group_.store(lane.is_in_group());
    is_stuck_.store(lane.is_restore_stuck());
    is_topic_refused_.store(lane.is_topic_refused());
    is_unassigned_.store(lane.is_unassigned());
  }
  void Ended() {
    pulse_.Rest();
    is_in_group_.store(false);
  }

  [[nodiscard]] bool is_in_group() const { return is_in_group_.load(); }
  [[nodiscard]] bool is_restore_stuck() const { return is_stuck_.load(); }
  [[nodiscard]] bool is_topic_refused() const { return is_topic_refused_.load(); }
  [[nodiscard]] bool is_unassigned() const { return is_unassigned_.load(); }
  /// Beats once per turn of the loop.
  [[nodiscard]] const Pulse& pulse() const { return pulse_; }

 private:
  Pulse pulse_;
  std::atomic<bool> is_in_group_{false};
  std::atomic<bool> is_stuck_{false};
  std::atomic<bool> is_topic_refused_{false};
  std::atomic<bool> is_unassigned_{false};
};

/// Waits until a port of the lane has news, a request progresses, or the time has passed.
using LaneWait = std::function<void(std::chrono::milliseconds timeout)>;

/// Turns the lane until a stop is requested or it fails, then closes it. Calls `is_intake_held`
/// before each turn. Returns the lane's failure, if that ended it.
std::optional<common::Error> RunLane(Lane& lane, const LaneWait& wait,
                                     const std::function<bool()>& is_intake_held,
                                     LaneStatus& status, const std::stop_token& stop);

}  // namespace consumer
