#include "common/kafka/partition_offsets.h"

#include <algorithm>
#include <chrono>
#include <span>
#include <utility>

#include "common/kafka/call_limit.h"
#include "common/kafka/topic_layout.h"

namespace common::kafka {

PartitionList ListOf(const std::string& topic, const PartitionOffsets& offsets) {
  OffsetQueries queries;
  for (const auto& [partition, offset] : offsets) queries[partition] = offset.number();
  return ListOf(topic, queries);
}

PartitionList ListOf(const std::string& topic, const OffsetQueries& queries) {
  PartitionList list(rd_kafka_topic_partition_list_new(static_cast<int>(queries.size())));
  for (const auto& [partition, query] : queries) {
    rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), partition.number())->offset =
        query;
  }
  return list;
}

namespace {

/// The deadline of the first call, which waits for the leaders of all partitions.
constexpr std::chrono::milliseconds kFirstTry{1'000};

// The protocol's timestamps -1 (latest) and -2 (earliest) are librdkafka's OFFSET_END and
// OFFSET_BEGINNING, which it passes on as they are.
OffsetAnswers Ask(rd_kafka_t* client, const std::string& topic, const OffsetQueries& queries,
                  Deadline deadline) {
  OffsetAnswers answers;
  const PartitionList list = ListOf(topic, queries);
  const rd_kafka_resp_err_t failed =
      rd_kafka_offsets_for_times(client, list.get(), CallLimit(deadline));
  for (const auto& entry : std::span(list->elems, static_cast<std::size_t>(list->cnt))) {
    const rd_kafka_resp_err_t error = failed != RD_KAFKA_RESP_ERR_NO_ERROR ? failed : entry.err;
    const Partition partition(entry.partition);
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
      answers.failed[partition] = error;
    } else if (entry.offset < 0) {
      answers.absent.insert(partition);
    } else {
      answers.found[partition] = Offset(entry.offset);
    }
  }
  return answers;
}

/// The queries for partitions that have a leader now, or all queries if metadata is unavailable.
OffsetQueries WithLeader(rd_kafka_t* client, const std::string& topic, const OffsetQueries& queries,
                         Deadline deadline) {
  const TopicLayout layout = FetchTopicLayout(client, topic, deadline);
  if (!layout.is_answered) return queries;
  OffsetQueries led = queries;
  std::erase_if(led, [&](const auto& query) { return !layout.led.contains(query.first); });
  return led;
}

}  // namespace

// librdkafka sends nothing until it knows the leader of every partition in the list.
OffsetAnswers LookUpOffsets(rd_kafka_t* client, const std::string& topic,
                            const OffsetQueries& queries, Deadline deadline) {
  if (queries.empty()) return {};
  const Deadline first_try(std::min(deadline.at(), Deadline::After(kFirstTry).at()));
  OffsetAnswers answers = Ask(client, topic, queries, first_try);
  const bool is_answered = !answers.found.empty() || !answers.absent.empty();
  if (is_answered || deadline.HasPassed()) return answers;
  const OffsetQueries led = WithLeader(client, topic, queries, deadline);
  if (led.empty()) return answers;
  for (const auto& [partition, query] : led) answers.failed.erase(partition);
  OffsetAnswers rest = Ask(client, topic, led, deadline);
  answers.found = std::move(rest.found);
  answers.absent = std::move(rest.absent);
  answers.failed.merge(rest.failed);
  return answers;
}

}  // namespace common::kafka
