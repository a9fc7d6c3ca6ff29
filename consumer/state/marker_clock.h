#pragma once

#include "common/base/rfc3339.h"

namespace consumer {

/// The Kafka timestamp of markers: the record time unless the brokers refuse it. Brokers refuse a
/// time more than an hour ahead of their own clock (Kafka 4), or older than the topic allows, and
/// with it all records of the request. A restore finds every marker whose timestamp is not earlier
/// than its callback's record time, or than the time at which it was written.
///
/// Threads: confined to one. Time: our own clock's time is an argument.
class MarkerClock {
 public:
  [[nodiscard]] common::WallTime TimestampOf(common::WallTime record_time,
                                             common::WallTime now) const;
  /// The brokers refused such a time: uses earlier ones from now on. False if there is no earlier
  /// one to try.
  [[nodiscard]] bool GoBack();

 private:
  int steps_ = 0;
};

}  // namespace consumer
