#include "consumer/lane/lane_loop.h"

#include <algorithm>

namespace consumer {

std::optional<common::Error> RunLane(Lane& lane, const LaneWait& wait,
                                     const std::function<bool()>& is_intake_held,
                                     LaneStatus& status, const std::stop_token& stop) {
  using std::chrono::milliseconds;
  while (!stop.stop_requested() && !lane.failure()) {
    const auto now = Pulse::Clock::now();
    lane.HoldIntake(is_intake_held());
    lane.Turn(now);
    status.Turned(now, lane);
    const auto until = lane.NextDue(now) - Pulse::Clock::now();
    wait(std::max(milliseconds(0), std::chrono::ceil<milliseconds>(until)));
  }
  status.Ended();
  lane.Close();
  return lane.failure();
}

}  // namespace consumer
