#include "common/kafka/partition_offsets.h"

#include <span>

#include "common/kafka/call_limit.h"

namespace common::kafka {

PartitionList ListOf(const std::string& topic, const PartitionOffsets& offsets) {
  PartitionList list(rd_kafka_topic_partition_list_new(static_cast<int>(offsets.size())));
  for (const auto& [partition, offset] : offsets) {
    rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), partition)->offset = offset;
  }
  return list;
}

// The protocol's timestamps -1 (latest) and -2 (earliest) are librdkafka's OFFSET_END and
// OFFSET_BEGINNING, which it passes on as they are.
OffsetAnswers LookUpOffsets(rd_kafka_t* client, const std::string& topic,
                            const PartitionOffsets& queries, Deadline deadline) {
  OffsetAnswers answers;
  if (queries.empty()) return answers;
  const PartitionList list = ListOf(topic, queries);
  const rd_kafka_resp_err_t failed =
      rd_kafka_offsets_for_times(client, list.get(), CallLimit(deadline));
  for (const auto& entry : std::span(list->elems, static_cast<std::size_t>(list->cnt))) {
    const rd_kafka_resp_err_t error = failed != RD_KAFKA_RESP_ERR_NO_ERROR ? failed : entry.err;
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
      answers.failed[entry.partition] = error;
    } else {
      answers.found[entry.partition] = entry.offset;
    }
  }
  return answers;
}

}  // namespace common::kafka
