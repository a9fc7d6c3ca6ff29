#pragma once

#include <librdkafka/rdkafka.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "common/base/deadline.h"
#include "common/base/result.h"
#include "common/kafka/topic_check.h"

namespace ingest {

/// How the topic of the callbacks differs from what is promised, and what of it ingest goes by.
struct TopicReport {
  std::vector<common::kafka::TopicFinding> findings;
  std::optional<std::size_t> max_message_bytes{};  ///< nullopt: it may not be looked at.
};

/// Any client will do.
///
/// Time:   blocks until the deadline at the latest.
/// Errors: nothing could be found out.
using TopicCheck =
    std::function<common::Result<TopicReport>(rd_kafka_t* client, common::Deadline deadline)>;

/// Asks the cluster. `callback_bytes`: of the largest record that may be written.
[[nodiscard]] TopicCheck CheckOfTopic(std::string topic, std::int64_t callback_bytes);

}  // namespace ingest
