#include "ingest/kafka/topic_leaders.h"

namespace ingest {

common::Result<TopicLeaders> FindLeaders(const ProducerSession& session,
                                         std::chrono::milliseconds timeout) {
  const rd_kafka_metadata_t* metadata = nullptr;
  const rd_kafka_resp_err_t error = rd_kafka_metadata(session.client(), 0, session.topic(),
                                                      &metadata, static_cast<int>(timeout.count()));
  const common::kafka::Metadata owned(metadata);
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return common::Error{common::Remedy::kRetry, "no_answer",
                         std::string("no broker answers: ") + rd_kafka_err2name(error)};
  }
  TopicLeaders leaders;
  for (int i = 0; i < metadata->topic_cnt; ++i) {
    const rd_kafka_metadata_topic_t& topic = metadata->topics[i];
    leaders.has_error = topic.err != RD_KAFKA_RESP_ERR_NO_ERROR;
    leaders.partitions = static_cast<std::size_t>(topic.partition_cnt);
    for (int p = 0; p < topic.partition_cnt; ++p) {
      if (topic.partitions[p].leader < 0) leaders.without.emplace(topic.partitions[p].id);
    }
  }
  return leaders;
}

}  // namespace ingest
