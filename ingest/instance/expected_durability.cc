#include "ingest/instance/expected_durability.h"

#include "common/config/environment.h"
#include "ingest/expected/expected_acceptance.h"
#include "ingest/instance/expected_route.h"
#include "ingest/kafka/callbacks_topic.h"

namespace ingest {

ProducerSettings ExpectedDurability::SettingsOf(const Config& config) {
  // Ids of 256 bytes, a provider, and JSON around them; each byte may be escaped as six.
  constexpr std::size_t kLargestAnnouncement = 4096;
  const ExpectedBounds bounds = BoundsOfExpected(config);
  return {.topic = config.topics.expected,
          .client = "sluice-ingest-expected",
          .instance = common::config::HostName(),
          .operator_properties = config.kafka,
          .bounds = {.max_requests = bounds.max_records, .max_bytes = bounds.max_bytes},
          .max_body = kLargestAnnouncement,
          .max_head = 0};
}

TopicCheck ExpectedDurability::CheckOf(const Config& config) {
  return CheckOfExpectedTopic(config.topics);
}

}  // namespace ingest
