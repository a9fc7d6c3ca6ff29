#include "ingest/instance/kafka_durability.h"

#include <cstdint>

#include "common/config/environment.h"
#include "ingest/kafka/callbacks_topic.h"
#include "ingest/kafka/kafka_events.h"

namespace ingest {
namespace {

ProducerSettings SettingsOf(const Config& config, const LoadBounds& replayed) {
  LoadBounds bounds = config.load_bounds();
  bounds.max_requests += replayed.max_requests;
  bounds.max_bytes += replayed.max_bytes;
  return {.topic = config.topics.callbacks,
          .instance = common::config::HostName(),
          .operator_properties = config.kafka,
          .batch = {.max_delay = config.max_batch_delay},
          .bounds = bounds,
          .max_body = config.max_body,
          .max_head = config.max_head};
}

TopicCheck CheckFor(const Config& config) {
  const auto largest = static_cast<std::int64_t>(config.max_body + config.max_head);
  return CheckOfTopic(config.topics.callbacks, largest);
}

}  // namespace

KafkaDurability::KafkaDurability(const Config& config, const LoadBounds& replayed,
                                 const common::Logger& log, KafkaEvents& events)
    : producer_(SettingsOf(config, replayed), CheckFor(config), log, events) {}

bool KafkaDurability::AwaitFirstContact(common::Deadline deadline, const std::stop_token& stop) {
  return producer_.AwaitFirstContact(deadline, stop) != CallbackProducer::FirstContact::kRefused;
}

DurabilityHealth KafkaDurability::health() const { return {.takes_kafka = !producer_.WhyAway()}; }

Durability::Closing KafkaDurability::Close(common::Deadline deadline) {
  const CallbackProducer::Closed closed = producer_.Close(deadline);
  return {.unsent = closed.unsent, .has_ended = closed.has_ended};
}

}  // namespace ingest
