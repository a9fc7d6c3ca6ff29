#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "common/domain/provider_rules.h"
#include "common/telemetry/log.h"
#include "ingest/policy/answer.h"

namespace prometheus {
class Registry;
}

namespace ingest {

/// What is spoken to the port of callbacks instead of HTTP/1.
enum class WrongProtocol { kTls, kHttp2, kProxyProtocol };

/// What ingest reports, one method per event, turned into metrics and log lines here and nowhere
/// else. Requests that end well are counted, not logged; the others are logged at most once a
/// second for each provider and situation, with the number of those left out.
///
/// Threads:  any.
/// Lifetime: refers to the table, the registry and the log.
class Events {
 public:
  using Row = common::ProviderTable::Index;
  using Duration = std::chrono::steady_clock::duration;

  Events(const common::ProviderTable& providers, prometheus::Registry& registry,
         const common::Logger& log);
  ~Events();
  Events(const Events&) = delete;
  Events& operator=(const Events&) = delete;

  // Requests.
  /// `since_head` is zero for what was answered before a head was read.
  void Answered(Row row, Situation situation, int status, Duration since_head);
  /// To be called now and then: reads, once a second, what time refused callbacks have left.
  void PassTime(std::chrono::steady_clock::time_point now);
  void InFlight(std::size_t requests);
  /// The first request of an episode of shedding was refused, under that load.
  void LoadIsShed(std::size_t requests, std::size_t bytes);
  /// It is over.
  void LoadIsNormal(std::uint64_t refused, Duration lasted);
  /// Somebody speaks another protocol to the port of callbacks. Logged at most once a minute.
  void SpokenToWrongly(WrongProtocol protocol);
  /// An idle connection made room for another one. Logged at most once in ten seconds.
  void ConnectionEvicted();
  /// An outcome for a request that its deadline had answered.
  void ReportCameLate(bool is_stored);

  // Kafka.
  void Acknowledged(Duration since_produce);
  void KafkaIsTaking();
  void KafkaIsAway(std::string_view why);
  void PartitionsFailing(std::size_t count);
  void PartitionFails(std::int32_t partition, std::string_view why);
  void PartitionWorks(std::int32_t partition);
  /// Kafka takes records, but not these.
  void RecordsRefused(std::size_t count, std::string_view why);
  /// A finding of the topic check: refused ones are errors, the others warnings.
  void TopicFinding(bool is_refused, std::string_view topic, std::string_view what);
  void ProducerRestarted(std::string_view why);
  void ProducerNotRebuilt(std::string_view why);
  /// The topic takes no larger batches; the producer was replaced for that.
  void BatchesLimited(std::size_t bytes);

  // The spool.
  /// There is one, which takes so much; nothing is known of it yet.
  void SpoolLimitIs(std::size_t max_bytes);
  void SpoolOpened(std::string_view path);
  /// Tried again each second, logged once a minute.
  void SpoolCannotBeOpened(std::string_view path, std::string_view why, bool is_damaged);
  /// What was in it when it was opened, and has come since.
  void SpoolCounted(std::size_t records, std::size_t bytes);
  void SpoolIs(bool is_open, bool has_room);
  void SpoolHolds(std::size_t records, std::size_t bytes, Duration oldest_age);
  /// It is not open, or not counted yet.
  void SpoolHoldsUnknown();
  /// The file, or its log alone, is no longer at its path.
  void SpoolFileLost(bool is_whole_file);
  /// So many callbacks were copied into the file that is there now, and at most so many were not,
  /// because they cannot be read.
  void SpoolFileReplaced(std::size_t copied, std::size_t unreadable);
  /// Whether the disk has not done for a second what it was asked for. Nobody knows then what is on
  /// it: SpoolIs() and SpoolHolds() tell once it has.
  void SpoolStalls(bool does_so);
  /// The first callback since it was empty is in it.
  void SpoolIsInUse();
  void SpoolHasRoom(bool has_room);
  /// Logged at most once in ten seconds.
  void SpoolFailed(std::string_view why);
  /// It can be written; logged after a line about a failure.
  void SpoolWorks();
  void SpoolDamaged(std::string_view why);
  /// So many places in it, or callbacks, cannot be read now. Logged when that begins and ends.
  void SpoolUnreadable(std::size_t places);
  void ReplayStarted(std::size_t records);
  /// Kafka takes nothing any more.
  void ReplayInterrupted(std::size_t replayed, std::size_t left);
  /// Nothing waits any more.
  void ReplayFinished(std::size_t replayed);
  /// Kafka refuses these for what they are: they are kept apart, in that file.
  void CallbacksRefused(std::size_t count, std::string_view first_request_id,
                        std::string_view reason, std::string_view path);
  void RefusedCallbacksMovedBack(std::size_t count);
  /// How many are kept apart now.
  void RefusedCallbacks(std::size_t records);
  /// `records`: what waits in it; none: not known.
  void SpoolClosed(bool is_complete, std::optional<std::size_t> records);

  // The instance.
  void ProviderHasNoCredentials(std::string_view provider);
  /// `connections`: how many are taken instead of `max_connections`, if fewer.
  void FewDescriptors(std::uint64_t limit, std::uint64_t wanted, std::uint64_t connections);
  void SecretsReloaded();
  void SecretsNotReloaded(std::string_view provider, std::string_view why);
  void Listening(std::uint16_t port, std::uint16_t admin_port);
  void DrainStarted();
  void Stopped(bool is_drained, std::size_t unsent_records);
  void CannotRun(std::string_view why);

  class Metrics;

 private:
  class Throttle;
  struct Clocks;

  void NoteHold(Row row);

  const common::ProviderTable& providers_;
  const common::Logger& log_;
  std::unique_ptr<Metrics> metrics_;
  std::unique_ptr<Throttle> throttle_;
  std::unique_ptr<Clocks> clocks_;
  std::atomic<bool> spool_has_failed_ = false;  ///< And it was logged.
  std::atomic<bool> spool_is_unreadable_ = false;
};

}  // namespace ingest
