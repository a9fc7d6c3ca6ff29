#include "consumer/state/marker_clock.h"

#include <chrono>

namespace consumer {
namespace {

/// Half of what Kafka 4 allows; the other half is for differing clocks.
constexpr std::chrono::minutes kMostAhead{30};
constexpr std::chrono::hours kStep{1};
/// A clock in the wrong time zone is at most a day off.
constexpr int kMostSteps = 26;

}  // namespace

common::WallTime MarkerClock::TimestampOf(common::WallTime record_time,
                                          common::WallTime now) const {
  if (steps_ > 0) return now - (steps_ - 1) * kStep;
  return record_time > now + kMostAhead ? now : record_time;
}

bool MarkerClock::GoBack() {
  if (steps_ > kMostSteps) return false;
  ++steps_;
  return true;
}

}  // namespace consumer
