#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>

#include "common/base/rfc3339.h"
#include "tests/support/kafka_client.h"

namespace soak {

/// What came out of the spool after an outage: of the callbacks that were received before Kafka was
/// there again, how many were appended to the topic after that, and when the last one was.
class Replayed {
 public:
  /// `dead_partition` had no leader for longer: its callbacks are counted by themselves.
  Replayed(common::WallTime kafka_was_there, std::optional<int> dead_partition)
      : kafka_was_there_(kafka_was_there), dead_partition_(dead_partition) {}

  /// Precondition: the topic's timestamps are times of appending.
  void Count(const tests::Record& record);

  struct Backlog {
    std::int64_t count = 0;
    std::chrono::milliseconds last_after{0};  ///< After Kafka was there.
  };
  [[nodiscard]] const Backlog& healthy() const { return healthy_; }
  [[nodiscard]] const Backlog& dead() const { return dead_; }
  /// The process ids of all records that were counted, which are their keys.
  [[nodiscard]] const std::set<std::string>& keys() const { return keys_; }

 private:
  common::WallTime kafka_was_there_;
  std::optional<int> dead_partition_;
  Backlog healthy_;
  Backlog dead_;
  std::set<std::string> keys_;
};

}  // namespace soak
