#include "ingest/instance/expected_durability.h"

#include <cstddef>
#include <string>

#include "common/config/environment.h"
#include "common/kafka/topic_check.h"
#include "ingest/expected/expected_acceptance.h"
#include "ingest/instance/expected_route.h"
#include "ingest/kafka/callbacks_topic.h"

namespace ingest {

ProducerSettings ExpectedDurability::SettingsOf(const Config& config) {
  const ExpectedBounds bounds = BoundsOfExpected(config);
  const auto largest = static_cast<std::size_t>(common::kafka::TopicNeeds().announcement_bytes);
  return {.topic = config.topics.expected,
          .client = "sluice-ingest-expected",
          .instance = common::config::HostName(),
          .operator_properties = config.kafka,
          .bounds = {.max_requests = bounds.max_records, .max_bytes = bounds.max_bytes},
          .max_body = largest,
          .max_body_name = std::to_string(largest) + ", the largest announcement",
          .max_head = 0};
}

TopicCheck ExpectedDurability::CheckOf(const Config& config) {
  return CheckOfExpectedTopic(config.topics);
}

}  // namespace ingest
