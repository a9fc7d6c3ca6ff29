#include "common/kafka/committed_offsets.h"

#include <algorithm>
#include <span>
#include <string_view>

#include "common/kafka/call_limit.h"
#include "common/kafka/partition_offsets.h"

namespace common::kafka {

CommittedAnswers LookUpCommitted(rd_kafka_t* client, const std::string& topic,
                                 const std::vector<Partition>& partitions, Deadline deadline) {
  if (partitions.empty()) return {};
  OffsetQueries queries;
  for (const Partition partition : partitions) queries[partition] = RD_KAFKA_OFFSET_INVALID;
  const PartitionList list = ListOf(topic, queries);
  const rd_kafka_resp_err_t failed = rd_kafka_committed(client, list.get(), CallLimit(deadline));
  CommittedAnswers answers;
  for (const auto& entry : std::span(list->elems, static_cast<std::size_t>(list->cnt))) {
    const Partition partition(entry.partition);
    const rd_kafka_resp_err_t error = failed != RD_KAFKA_RESP_ERR_NO_ERROR ? failed : entry.err;
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
      answers.failed[partition] = error;
    } else if (entry.offset < 0) {
      answers.absent.insert(partition);
    } else {
      const std::string_view text(static_cast<const char*>(entry.metadata), entry.metadata_size);
      answers.found[partition] = {Offset(entry.offset), ReadOffsetMetadata(text)};
    }
  }
  return answers;
}

void SetMetadata(rd_kafka_t* client, rd_kafka_topic_partition_t& entry, const std::string& text) {
  if (text.empty()) return;
  entry.metadata = rd_kafka_mem_malloc(client, text.size());
  entry.metadata_size = text.size();
  std::copy(text.begin(), text.end(), static_cast<char*>(entry.metadata));
}

rd_kafka_resp_err_t CommitOffsets(rd_kafka_t* client, const std::string& topic,
                                  const std::map<Partition, CommittedOffset>& offsets,
                                  Deadline deadline) {
  const PartitionList list(rd_kafka_topic_partition_list_new(static_cast<int>(offsets.size())));
  for (const auto& [partition, committed] : offsets) {
    rd_kafka_topic_partition_t* const entry =
        rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), partition.number());
    entry->offset = committed.offset.number();
    SetMetadata(client, *entry, ToText(committed.metadata));
  }
  const Queue queue(rd_kafka_queue_new(client));
  const rd_kafka_resp_err_t failed =
      rd_kafka_commit_queue(client, list.get(), queue.get(), nullptr, nullptr);
  if (failed != RD_KAFKA_RESP_ERR_NO_ERROR) return failed;
  const Event event(rd_kafka_queue_poll(queue.get(), CallLimit(deadline)));
  if (!event) return RD_KAFKA_RESP_ERR__TIMED_OUT;
  if (rd_kafka_event_error(event.get()) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return rd_kafka_event_error(event.get());
  }
  const rd_kafka_topic_partition_list_t* const done =
      rd_kafka_event_topic_partition_list(event.get());
  for (const auto& entry : std::span(done->elems, static_cast<std::size_t>(done->cnt))) {
    if (entry.err != RD_KAFKA_RESP_ERR_NO_ERROR) return entry.err;
  }
  return RD_KAFKA_RESP_ERR_NO_ERROR;
}

}  // namespace common::kafka
