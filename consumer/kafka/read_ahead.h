#pragma once

#include <librdkafka/rdkafka.h>

#include <cstddef>
#include <utility>

#include "common/kafka/client_config.h"
#include "common/kafka/handles.h"

namespace consumer {

/// Keeps librdkafka reading ahead. Once its queue is full, it looks only once a second whether
/// there is room again, and what it holds is used up in a tenth of that. From 2.2 on a property
/// says how often it looks; before, it looks whenever it sends something to the leader.
///
/// Threads: confined to the one that polls.
class ReadAhead {
 public:
  /// What the client should be made with.
  [[nodiscard]] static common::kafka::Properties Defaults() {
    common::kafka::Properties properties;
    if (KnowsProperty()) properties[kProperty] = "20";
    return properties;
  }

  void Assigned(common::kafka::PartitionList partitions) {
    ends_ = std::move(partitions);
    for (int i = 0; i < ends_->cnt; ++i) ends_->elems[i].offset = RD_KAFKA_OFFSET_END;
  }
  void Revoked() { ends_.reset(); }

  /// A record was taken from the queue.
  void Took(std::size_t bytes) { taken_ += bytes + kBytesBeside; }

  /// To be called after each round of polling: asks the leaders for something, if so much was taken
  /// that there may be room. Waits for nothing.
  void GoOn(rd_kafka_t* client, bool is_empty) {
    if (taken_ < (is_empty ? kTakenWhenEmpty : kTaken)) return;
    taken_ = 0;
    static const bool looks_itself = KnowsProperty();
    if (looks_itself || !ends_ || ends_->cnt == 0) return;
    const common::kafka::PartitionList asked(rd_kafka_topic_partition_list_copy(ends_.get()));
    // The answer, which nobody awaits, is dropped when it comes.
    rd_kafka_offsets_for_times(client, asked.get(), 0);
  }

 private:
  static constexpr const char* kProperty = "fetch.queue.backoff.ms";
  static constexpr std::size_t kTaken = std::size_t{4} * 1024 * 1024;
  static constexpr std::size_t kTakenWhenEmpty = std::size_t{256} * 1024;
  static constexpr std::size_t kBytesBeside = 128;  // The queue is bounded in records, too.

  [[nodiscard]] static bool KnowsProperty() {
    return !common::kafka::FindPropertyMistake(kProperty, "20").has_value();
  }

  common::kafka::PartitionList ends_;
  std::size_t taken_ = 0;
};

}  // namespace consumer
