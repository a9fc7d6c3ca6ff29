#pragma once

#include <utility>

#include "common/telemetry/log.h"
#include "ingest/config.h"
#include "ingest/instance/durability.h"
#include "ingest/kafka/callback_producer.h"

namespace ingest {

class KafkaEvents;

/// Kafka alone: a callback is durable once all in-sync replicas have it.
///
/// Lifetime: refers to the log and the events.
class KafkaDurability final : public Durability {
 public:
  /// `replayed`: the records that a spool may have in flight beside the requests.
  KafkaDurability(const Config& config, const LoadBounds& replayed, const common::Logger& log,
                  KafkaEvents& events);
  /// The same for any topic.
  KafkaDurability(ProducerSettings settings, TopicCheck check, const common::Logger& log,
                  KafkaEvents& events)
      : producer_(std::move(settings), std::move(check), log, events) {}

  [[nodiscard]] CallbackSink& sink() override { return producer_; }
  /// The same, for callbacks that are not held for company.
  [[nodiscard]] CallbackSink& unheld() { return producer_.unheld(); }
  common::Result<void> Start(StorageListener& listener) override {
    return producer_.Start(listener);
  }
  [[nodiscard]] const common::Fd& report_event() const override { return producer_.report_event(); }
  void PollReports() override { producer_.PollReports(); }
  void PassTime(std::chrono::steady_clock::time_point now) override { producer_.PassTime(now); }
  [[nodiscard]] bool AwaitFirstContact(common::Deadline deadline,
                                       const std::stop_token& stop) override;
  [[nodiscard]] DurabilityHealth health() const override;
  [[nodiscard]] std::chrono::milliseconds TimeWithoutKafka(const Load& /*waiting*/) const override {
    return {};
  }
  void GiveUpOnKafka() override {}
  Closing Close(common::Deadline deadline) override;

  /// The topic's partitions; 0 if not yet known.
  [[nodiscard]] int partitions() const { return producer_.partitions(); }

 private:
  CallbackProducer producer_;
};

}  // namespace ingest
