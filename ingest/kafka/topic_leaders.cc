#include "ingest/kafka/topic_leaders.h"

namespace ingest {

common::Result<TopicLeaders> FindLeaders(const ProducerSession& session,
                                         std::chrono::milliseconds timeout) {
  const rd_kafka_metadata_t* metadata = nullptr;
  const rd_kafka_resp_err_t error = rd_kafka_metadata(session.client(), 0, session.topic(),
                                                      &metadata, static_cast<int>(timeout.count()));
  const common::kafka::Metadata owned(metadata);
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
    const std::string why = session.WhyUnanswered();
    return common::Error{common::Remedy::kRetry, "no_answer",
                         "no broker answers: " + (why.empty() ? rd_kafka_err2str(error) : why)};
  }
  TopicLeaders leaders;
  for (int i = 0; i < metadata->topic_cnt; ++i) {
    const rd_kafka_metadata_topic_t& topic = metadata->topics[i];
    // Write includes Describe, so this client may not write either.
    if (topic.err == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED) {
      session.Note(topic.err);
      return common::Error{common::Remedy::kRetry, "denied",
                           std::string("this client may not write to ") + topic.topic +
                               ": allow it with kafka-acls"};
    }
    leaders.has_error = topic.err != RD_KAFKA_RESP_ERR_NO_ERROR;
    leaders.partitions = static_cast<std::size_t>(topic.partition_cnt);
    for (int p = 0; p < topic.partition_cnt; ++p) {
      if (topic.partitions[p].leader < 0) leaders.without.emplace(topic.partitions[p].id);
    }
  }
  return leaders;
}

}  // namespace ingest
