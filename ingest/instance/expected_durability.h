#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "common/domain/partition.h"
#include "common/telemetry/log.h"
#include "ingest/config.h"
#include "ingest/expected/expected_events.h"
#include "ingest/instance/durability.h"
#include "ingest/instance/kafka_durability.h"
#include "ingest/kafka/kafka_events.h"

namespace ingest {

/// Reports the announcements' producer under names of its own, so that its trouble with Kafka does
/// not look like trouble of callbacks.
///
/// Lifetime: refers to the events.
class ExpectedKafkaEvents final : public KafkaEvents {
 public:
  ExpectedKafkaEvents(std::string topic, KafkaEvents& of_callbacks, ExpectedEvents& events)
      : topic_(std::move(topic)), of_callbacks_(of_callbacks), events_(events) {}

  void KafkaIsAccepting() override { events_.ExpectedTopicIsAccepting(); }
  void KafkaIsAway(std::string_view why) override { events_.ExpectedTopicIsAway(why); }
  /// Names the topic already.
  void TopicFinding(bool is_refused, std::string_view topic, std::string_view what) override {
    of_callbacks_.TopicFinding(is_refused, topic, what);
  }
  void RecordsRefused(std::size_t count, std::string_view why) override {
    events_.ExpectedRecordsRefused(topic_, count, why);
  }
  void ProducerRestarted(std::string_view why) override {
    events_.ExpectedProducerRestarted(topic_, why);
  }
  void ProducerNotRebuilt(std::string_view why) override {
    events_.ExpectedProducerNotRebuilt(topic_, why);
  }
  void BatchesLimited(std::size_t bytes) override { events_.ExpectedBatchesLimited(topic_, bytes); }
  void PartitionFails(common::Partition partition, std::string_view why) override {
    events_.ExpectedPartitionFails(topic_, partition, why);
  }
  void PartitionWorks(common::Partition partition) override {
    events_.ExpectedPartitionWorks(topic_, partition);
  }
  // These have no metrics: the requests that are refused are counted.
  void Acknowledged(Duration /*since_produce*/) override {}
  void BurstSent(std::size_t /*records*/) override {}
  void BatchSent(std::size_t /*records*/) override {}
  void Held(Duration /*wait*/) override {}
  void PartitionsFailing(std::optional<std::size_t> /*count*/) override {}

 private:
  const std::string topic_;
  KafkaEvents& of_callbacks_;
  ExpectedEvents& events_;
};

/// Kafka for announcements: a producer of its own, so that they share neither queue nor health with
/// the callbacks. Its reports wait for PollReports().
///
/// Lifetime: refers to the log and the events.
class ExpectedDurability final : public Durability {
 public:
  /// Precondition: the configuration has the route.
  template <typename Events>
  ExpectedDurability(const Config& config, const common::Logger& log, Events& events)
      : events_(config.topics.expected, events, events),
        kafka_(SettingsOf(config), CheckOf(config), log, events_) {}

  [[nodiscard]] CallbackSink& sink() override { return kafka_.sink(); }
  common::Result<void> Start(StorageListener& listener) override { return kafka_.Start(listener); }
  [[nodiscard]] const common::Fd& report_event() const override { return kafka_.report_event(); }
  void PollReports() override { kafka_.PollReports(); }
  void PassTime(std::chrono::steady_clock::time_point now) override { kafka_.PassTime(now); }
  [[nodiscard]] bool AwaitFirstContact(common::Deadline deadline,
                                       const std::stop_token& stop) override {
    return kafka_.AwaitFirstContact(deadline, stop);
  }
  [[nodiscard]] DurabilityHealth health() const override { return kafka_.health(); }
  [[nodiscard]] std::chrono::milliseconds TimeWithoutKafka(const Load& /*waiting*/) const override {
    return {};
  }
  void GiveUpOnKafka() override {}
  Closing Close(common::Deadline deadline) override { return kafka_.Close(deadline); }

 private:
  static ProducerSettings SettingsOf(const Config& config);
  static TopicCheck CheckOf(const Config& config);

  ExpectedKafkaEvents events_;
  KafkaDurability kafka_;
};

}  // namespace ingest
