#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "common/domain/partition.h"
#include "common/domain/provider_rules.h"
#include "common/telemetry/log.h"
#include "ingest/acceptance/request_events.h"
#include "ingest/credentials.h"
#include "ingest/expected/expected_events.h"
#include "ingest/kafka/kafka_events.h"
#include "ingest/policy/answer.h"
#include "ingest/spool/spool_events.h"

namespace prometheus {
class Registry;
}

namespace ingest {

/// Turns the events of ingest into metrics and log lines; no other class writes them. Successful
/// requests are counted, not logged. Failed ones are logged at most once a second for each provider
/// and situation, with the number of suppressed lines.
///
/// Threads:  any.
/// Lifetime: refers to the table, the registry and the log.
class Events final : public RequestEvents,
                     public KafkaEvents,
                     public SpoolEvents,
                     public SecretsEvents,
                     public ExpectedEvents {
 public:
  using Row = common::ProviderTable::Index;
  using Duration = std::chrono::steady_clock::duration;

  Events(const common::ProviderTable& providers, prometheus::Registry& registry,
         const common::Logger& log);
  ~Events() override;
  Events(const Events&) = delete;
  Events& operator=(const Events&) = delete;

  // Requests.
  void Answered(Row row, Situation situation, int status, Duration since_head) override;
  void ClientLeft(Row row) override;
  void InFlight(std::size_t requests) override;
  void LoadIsShed(std::size_t requests, std::size_t bytes) override;
  void LoadIsNormal(std::uint64_t refused, Duration lasted) override;
  void WrongProtocolReceived(WrongProtocol protocol) override;
  void ConnectionEvicted() override;
  void ReportCameLate(bool is_stored) override;
  /// Updates once a second how much time refused callbacks have left. Call now and then, and before
  /// each collection.
  void PassTime(std::chrono::steady_clock::time_point now);

  // Kafka.
  void Acknowledged(Duration since_produce) override;
  void BurstSent(std::size_t records) override;
  void BatchSent(std::size_t records) override;
  void Held(Duration wait) override;
  void KafkaIsAccepting() override;
  void KafkaIsAway(std::string_view why) override;
  void PartitionsFailing(std::optional<std::size_t> count) override;
  /// Call before each collection: the gauge must not outlive its evidence.
  void KafkaIs(bool is_up);
  void PartitionFails(common::Partition partition, std::string_view why) override;
  void PartitionWorks(common::Partition partition) override;
  void RecordsRefused(std::size_t count, std::string_view why) override;
  void TopicFinding(bool is_refused, std::string_view topic, std::string_view what) override;
  void ProducerRestarted(std::string_view why) override;
  void ProducerNotRebuilt(std::string_view why) override;
  void BatchesLimited(std::size_t bytes) override;

  // The spool.
  void SpoolLimitIs(std::size_t max_bytes) override;
  void SpoolOpened(std::string_view path) override;
  void SpoolCannotBeOpened(std::string_view path, std::string_view why, bool is_damaged) override;
  void SpoolCounted(std::size_t records, std::size_t bytes) override;
  void SpoolIs(bool is_open, bool has_room) override;
  void SpoolHolds(std::size_t records, std::size_t bytes, Duration oldest_age) override;
  void SpoolHoldsUnknown() override;
  void SpoolDiskIs(std::optional<SpoolDisk> disk) override;
  void SpoolFileLost(bool is_whole_file) override;
  void SpoolFileReplaced(std::size_t copied, std::size_t unreadable) override;
  void SpoolStalls(bool does_so) override;
  void SpoolIsInUse() override;
  void SpoolHasRoom(bool has_room) override;
  void SpoolFailed(std::string_view why) override;
  void SpoolWorks() override;
  void SpoolDamaged(std::string_view why) override;
  void SpoolUnreadable(std::size_t places) override;
  void ReplayStarted(std::size_t records) override;
  void ReplayInterrupted(std::size_t replayed, std::size_t left) override;
  void ReplayFinished(std::size_t replayed) override;
  void CallbacksRefused(std::size_t count, std::string_view first_request_id,
                        std::string_view reason, std::string_view path) override;
  void RefusedCallbacksUpgraded(std::string_view path, std::size_t records) override;
  void RefusedCallbacksMovedBack(std::size_t count) override;
  void RefusedCallbacks(std::optional<std::size_t> records) override;
  void SpoolClosed(bool is_complete, std::optional<std::size_t> records) override;

  // Announcements.
  void ExpectedStored(std::size_t announcements) override;
  void ExpectedNotStored(Situation situation, int status) override;
  void ExpectedTopicIsAccepting() override;
  void ExpectedTopicIsAway(std::string_view why) override;
  void ExpectedPartitionFails(std::string_view topic, common::Partition partition,
                              std::string_view why) override;
  void ExpectedPartitionWorks(std::string_view topic, common::Partition partition) override;
  void ExpectedRecordsRefused(std::string_view topic, std::size_t count,
                              std::string_view why) override;
  void ExpectedProducerRestarted(std::string_view topic, std::string_view why) override;
  void ExpectedProducerNotRebuilt(std::string_view topic, std::string_view why) override;
  void ExpectedBatchesLimited(std::string_view topic, std::size_t bytes) override;

  // The secrets.
  void SecretsReloaded() override;
  void SecretsNotReloaded(std::string_view provider, std::string_view why) override;

  // The instance.
  void ProviderHasNoCredentials(std::string_view provider);
  /// `connections`: the limit that applies instead of `max_connections`.
  void FewDescriptors(std::uint64_t limit, std::uint64_t wanted, std::uint64_t connections);
  void Listening(std::uint16_t port, std::uint16_t admin_port);
  void DrainStarted();
  void Stopped(bool is_drained, std::size_t unsent_records);
  void CannotRun(std::string_view why);

  class Metrics;

 private:
  struct Throttles;
  struct Clocks;

  void NoteHold(Row row);
  void SpoolIsUnknown();

  const common::ProviderTable& providers_;
  const common::Logger& log_;
  std::unique_ptr<Metrics> metrics_;
  std::unique_ptr<Throttles> throttles_;
  std::unique_ptr<Clocks> clocks_;
  std::atomic<bool> spool_has_failed_ = false;  ///< And this was logged.
  std::atomic<bool> spool_is_unreadable_ = false;
};

}  // namespace ingest
