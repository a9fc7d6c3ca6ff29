#include "common/kafka/committed_offsets.h"

#include <span>
#include <string_view>

#include "common/kafka/call_limit.h"
#include "common/kafka/partition_offsets.h"

namespace common::kafka {

CommittedAnswers LookUpCommitted(rd_kafka_t* client, const std::string& topic,
                                 const std::vector<std::int32_t>& partitions, Deadline deadline) {
  if (partitions.empty()) return {};
  PartitionOffsets queries;
  for (const std::int32_t partition : partitions) queries[partition] = RD_KAFKA_OFFSET_INVALID;
  const PartitionList list = ListOf(topic, queries);
  const rd_kafka_resp_err_t failed = rd_kafka_committed(client, list.get(), CallLimit(deadline));
  CommittedAnswers answers;
  for (const auto& entry : std::span(list->elems, static_cast<std::size_t>(list->cnt))) {
    const rd_kafka_resp_err_t error = failed != RD_KAFKA_RESP_ERR_NO_ERROR ? failed : entry.err;
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
      answers.failed[entry.partition] = error;
    } else if (entry.offset < 0) {
      answers.absent.insert(entry.partition);
    } else {
      const std::string_view text(static_cast<const char*>(entry.metadata), entry.metadata_size);
      answers.found[entry.partition] = {entry.offset, ReadOffsetMetadata(text)};
    }
  }
  return answers;
}

}  // namespace common::kafka
