#pragma once

#include "common/telemetry/log.h"
#include "ingest/config.h"
#include "ingest/instance/durability.h"
#include "ingest/instance/kafka_durability.h"
#include "ingest/spool/spooling_sink.h"
#include "ingest/spool/sqlite_spool.h"

namespace ingest {

class Events;

/// Kafka, and behind it the spool on this machine's disk. The spool gets callbacks that Kafka does
/// not acknowledge in time, if their sender sends only once.
///
/// Lifetime: refers to the configuration, the log and the events.
class SpooledDurability final : public Durability {
 public:
  /// Precondition: the configuration has a spool.
  SpooledDurability(const Config& config, const common::Logger& log, Events& events);

  [[nodiscard]] CallbackSink& sink() override { return sink_; }
  common::Result<void> Start(StorageListener& listener) override;
  [[nodiscard]] const common::Fd& report_event() const override { return kafka_.report_event(); }
  void PollReports() override { kafka_.PollReports(); }
  void PassTime(std::chrono::steady_clock::time_point now) override;
  [[nodiscard]] bool AwaitFirstContact(common::Deadline deadline,
                                       const std::stop_token& stop) override {
    return kafka_.AwaitFirstContact(deadline, stop);
  }
  [[nodiscard]] DurabilityHealth health() const override;
  [[nodiscard]] std::chrono::milliseconds TimeWithoutKafka(const Load& waiting) const override;
  void GiveUpOnKafka() override { sink_.GiveUpOnKafka(); }
  Closing Close(common::Deadline deadline) override;

 private:
  const std::chrono::milliseconds longest_spooling_;
  KafkaDurability kafka_;
  SqliteSpool spool_;
  SpoolingSink sink_;
};

}  // namespace ingest
