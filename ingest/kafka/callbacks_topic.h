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
#include "common/domain/topics.h"
#include "common/kafka/topic_check.h"

namespace ingest {

/// How the callback topic differs from what the promises need, and the settings that ingest uses.
struct TopicReport {
  std::vector<common::kafka::TopicFinding> findings;
  std::optional<std::size_t> max_message_bytes{};  ///< nullopt if not readable.
};

/// Works with any client.
///
/// Time:   blocks at most until the deadline.
/// Errors: no broker answered in time.
using TopicCheck =
    std::function<common::Result<TopicReport>(rd_kafka_t* client, common::Deadline deadline)>;

/// Asks the cluster. `callback_bytes`: size of the largest possible record.
[[nodiscard]] TopicCheck CheckOfTopic(std::string topic, std::int64_t callback_bytes);
/// The same for the topic of announcements, which must have the partitions of `callbacks`. Refused
/// while this is not known.
[[nodiscard]] TopicReport ReportOnExpectedTopic(const common::TopicNames& names,
                                                const common::kafka::ClusterFacts& facts);
[[nodiscard]] TopicCheck CheckOfExpectedTopic(const common::TopicNames& names);

}  // namespace ingest
