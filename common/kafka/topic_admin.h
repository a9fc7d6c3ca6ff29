#pragma once

#include <librdkafka/rdkafka.h>

#include <string>
#include <vector>

#include "common/base/deadline.h"
#include "common/base/result.h"
#include "common/domain/topics.h"
#include "common/kafka/topic_facts.h"

namespace common::kafka {

/// The error code for "no broker answered": repeat the check at first contact.
inline constexpr std::string_view kNoBroker = "no_broker";

/// Looks up the topics with metadata and DescribeConfigs requests. Works with any client. If the
/// controller refuses to describe configurations, they stay unknown.
///
/// Threads: any; blocks for at most half a second past the deadline.
/// Errors:  kRetry "no_broker" if no broker or no controller answers by the deadline; kStop
///          otherwise.
[[nodiscard]] Result<ClusterFacts> FetchClusterFacts(rd_kafka_t* client,
                                                     const std::vector<std::string>& topics,
                                                     Deadline deadline);

/// The outcome for one topic.
struct TopicCreation {
  enum class CreationStatus { kCreated, kExisted, kFailed };
  std::string topic;
  CreationStatus outcome = CreationStatus::kFailed;
  std::string error;  ///< The broker's message. Empty unless kFailed.
};

/// Creates the missing topics and leaves existing ones unchanged. Outcomes in the order of `specs`.
/// Errors: as above.
[[nodiscard]] Result<std::vector<TopicCreation>> CreateTopics(rd_kafka_t* client,
                                                              const std::vector<TopicSpec>& specs,
                                                              Deadline deadline);

/// Adds partitions to a topic, so that it has `partitions`. The brokers may know them a moment
/// later. Errors: as above; kStop with the broker's message if the topic has as many or more.
[[nodiscard]] Result<void> AddPartitions(rd_kafka_t* client, const std::string& topic,
                                         int partitions, Deadline deadline);

}  // namespace common::kafka
