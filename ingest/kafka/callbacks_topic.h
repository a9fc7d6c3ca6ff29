#pragma once

#include <librdkafka/rdkafka.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "common/base/deadline.h"
#include "common/base/result.h"
#include "common/kafka/topic_check.h"

namespace ingest {

/// How the topic of the callbacks differs from what is promised. Any client will do.
///
/// Time:   blocks until the deadline at the latest.
/// Errors: nothing could be found out.
using TopicCheck = std::function<common::Result<std::vector<common::kafka::TopicFinding>>(
    rd_kafka_t* client, common::Deadline deadline)>;

/// Asks the cluster. `callback_bytes`: of the largest record that may be written.
[[nodiscard]] TopicCheck CheckOfTopic(std::string topic, std::int64_t callback_bytes);

}  // namespace ingest
