#pragma once

#include <librdkafka/rdkafka.h>

#include <set>
#include <string>

#include "common/base/deadline.h"
#include "common/domain/partition.h"

namespace common::kafka {

/// The partitions of one topic.
struct TopicLayout {
  rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR_NO_ERROR;
  bool is_answered = false;      ///< A broker answered; an error is about the topic.
  int count = 0;                 ///< Positive if there is no error.
  std::set<Partition> led = {};  ///< The partitions that have a leader.
};

/// Asks a broker for the topic's partitions. The client keeps the answer: without it, librdkafka
/// starts its first assignment of the topic a second late.
///
/// Threads: any; blocks at most until the deadline.
[[nodiscard]] TopicLayout FetchTopicLayout(rd_kafka_t* client, const std::string& topic,
                                           Deadline deadline);

}  // namespace common::kafka
