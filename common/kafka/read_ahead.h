#pragma once

#include <librdkafka/rdkafka.h>

#include <cstddef>
#include <utility>

#include "common/kafka/client_config.h"
#include "common/kafka/handles.h"

namespace common::kafka {

/// Keeps librdkafka reading ahead. When its queue is full, it checks for room only once a second,
/// but uses up the queue in a tenth of that. Since 2.2 a property sets how often it checks; before,
/// it also checks whenever it sends a request to the leader.
///
/// Threads: confined to the one that polls.
class ReadAhead {
 public:
  /// Properties to create the client with.
  [[nodiscard]] static Properties Defaults() {
    Properties properties;
    if (KnowsProperty()) properties[kProperty] = "20";
    return properties;
  }

  void Assigned(PartitionList partitions) {
    ends_ = std::move(partitions);
    for (int i = 0; i < ends_->cnt; ++i) ends_->elems[i].offset = RD_KAFKA_OFFSET_END;
  }
  void Revoked() { ends_.reset(); }

  /// A record was taken from the queue.
  void Took(std::size_t bytes) { taken_ += bytes + kBytesBeside; }

  /// Call after each round of polling. Sends a request to the leaders if enough was taken that
  /// there may be room. Never blocks.
  void GoOn(rd_kafka_t* client, bool is_empty) {
    if (taken_ < (is_empty ? kTakenWhenEmpty : kTaken)) return;
    taken_ = 0;
    static const bool looks_itself = KnowsProperty();
    if (looks_itself || !ends_ || ends_->cnt == 0) return;
    const PartitionList asked(rd_kafka_topic_partition_list_copy(ends_.get()));
    // Nobody reads the answer; it is dropped when it comes.
    rd_kafka_offsets_for_times(client, asked.get(), 0);
  }

 private:
  static constexpr const char* kProperty = "fetch.queue.backoff.ms";
  static constexpr std::size_t kTaken = std::size_t{4} * 1024 * 1024;
  static constexpr std::size_t kTakenWhenEmpty = std::size_t{256} * 1024;
  static constexpr std::size_t kBytesBeside = 128;  // The queue is also bounded in records.

  [[nodiscard]] static bool KnowsProperty() {
    return !FindPropertyMistake(kProperty, "20").has_value();
  }

  PartitionList ends_;
  std::size_t taken_ = 0;
};

}  // namespace common::kafka
