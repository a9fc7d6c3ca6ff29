#include "common/kafka/topic_layout.h"

#include <span>

#include "common/kafka/call_limit.h"
#include "common/kafka/handles.h"

namespace common::kafka {

TopicLayout FetchTopicLayout(rd_kafka_t* client, const std::string& name, Deadline deadline) {
  const Topic topic(rd_kafka_topic_new(client, name.c_str(), nullptr));
  const rd_kafka_metadata_t* answer = nullptr;
  const auto failed = rd_kafka_metadata(client, 0, topic.get(), &answer, CallLimit(deadline));
  const Metadata metadata(answer);
  if (failed != RD_KAFKA_RESP_ERR_NO_ERROR) return {.error = failed};
  TopicLayout layout{.error = RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, .is_answered = true};
  if (metadata->topic_cnt != 1) return layout;
  const rd_kafka_metadata_topic& found = metadata->topics[0];
  if (found.err == RD_KAFKA_RESP_ERR_NO_ERROR && found.partition_cnt == 0) return layout;
  layout.error = found.err;
  layout.count = found.partition_cnt;
  for (const auto& partition :
       std::span(found.partitions, static_cast<std::size_t>(found.partition_cnt))) {
    if (partition.leader >= 0) layout.led.emplace(partition.id);
  }
  return layout;
}

}  // namespace common::kafka
