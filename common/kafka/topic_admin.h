#pragma once

#include <librdkafka/rdkafka.h>

#include <string>
#include <vector>

#include "common/base/deadline.h"
#include "common/base/result.h"
#include "common/domain/topics.h"
#include "common/kafka/topic_facts.h"

namespace common::kafka {

/// The code of the error "nobody answered": the check is to be made at first contact.
inline constexpr std::string_view kNoBroker = "no_broker";

/// Looks the topics up with metadata and DescribeConfigs requests. Any client will do. Where the
/// controller refuses to describe configurations, these stay unknown.
///
/// Threads: any; blocks for half a second past the deadline at the latest.
/// Errors:  kRetry "no_broker" if no broker, or no controller, answers by the deadline; kStop
/// otherwise.
[[nodiscard]] Result<ClusterFacts> FetchClusterFacts(rd_kafka_t* client,
                                                     const std::vector<std::string>& topics,
                                                     Deadline deadline);

/// What became of one topic.
struct TopicCreation {
  enum class Outcome { kCreated, kExisted, kFailed };
  std::string topic;
  Outcome outcome = Outcome::kFailed;
  std::string error;  ///< The broker's words; empty unless it failed.
};

/// Creates what does not exist; what exists is left as it is. In the order of `specs`.
/// Errors: as above.
[[nodiscard]] Result<std::vector<TopicCreation>> CreateTopics(rd_kafka_t* client,
                                                              const std::vector<TopicSpec>& specs,
                                                              Deadline deadline);

}  // namespace common::kafka
