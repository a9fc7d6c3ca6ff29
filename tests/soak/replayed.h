#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>

#include "common/base/rfc3339.h"
#include "tests/support/kafka_client.h"

namespace soak {

/// Measures the replay after an outage: of the callbacks received before Kafka was back, how many
/// were appended to the topic afterwards, and when the last one was.
class Replayed {
 public:
  /// `dead_partition` had no leader for longer; its callbacks are counted separately.
  Replayed(common::WallTime kafka_was_there, std::optional<int> dead_partition)
      : kafka_was_there_(kafka_was_there), dead_partition_(dead_partition) {}

  /// Precondition: the topic uses LogAppendTime.
  void Count(const tests::Record& record);

  struct Backlog {
    std::int64_t count = 0;
    std::chrono::milliseconds last_after{0};  ///< After Kafka was back.
  };
  [[nodiscard]] const Backlog& healthy() const { return healthy_; }
  [[nodiscard]] const Backlog& dead() const { return dead_; }
  /// The process ids of all counted records, which are their keys.
  [[nodiscard]] const std::set<std::string>& keys() const { return keys_; }

 private:
  common::WallTime kafka_was_there_;
  std::optional<int> dead_partition_;
  Backlog healthy_;
  Backlog dead_;
  std::set<std::string> keys_;
};

}  // namespace soak
