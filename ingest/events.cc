#include "ingest/events.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

#include "common/base/guarded.h"
#include "common/base/rfc3339.h"
#include "common/telemetry/log_throttle.h"
#include "ingest/metrics.h"
#include "ingest/policy/retry_clock.h"

namespace ingest {

namespace {

/// "All subsequent notifications will be delayed for an hour" after any penal status but 400, which
/// loses only its own callback. Source: Signicat, "Callbacks", ReadID.
constexpr std::chrono::hours kHold{1};

struct Advice {
  std::string_view protocol;
  std::string_view what;
};

Advice AdviceOn(WrongProtocol protocol) {
  switch (protocol) {
    case WrongProtocol::kTls:
      return {"TLS",
              "this port speaks plain HTTP: terminate TLS at the proxy, and use http:// towards "
              "ingest"};
    case WrongProtocol::kHttp2:
      return {"HTTP/2", "set the proxy in front to HTTP/1.1 towards ingest"};
    case WrongProtocol::kProxyProtocol:
      return {"PROXY protocol",
              "switch the PROXY protocol off towards ingest (HAProxy: no send-proxy, nginx: no "
              "proxy_protocol, a load balancer: its target group's attribute)"};
  }
  return {"", ""};
}

std::optional<double> AsDouble(std::optional<std::size_t> count) {
  return count ? std::optional(static_cast<double>(*count)) : std::nullopt;
}

}  // namespace

/// Limits log lines: one a second for each provider and situation, one a minute about a spool that
/// cannot be opened, a producer that cannot be rebuilt and each wrong protocol, and one in ten
/// seconds for every other kind.
struct Events::Throttles {
  static constexpr std::chrono::seconds kSeldom{10};
  static constexpr std::chrono::minutes kRarely{1};

  explicit Throttles(std::size_t rows)
      : answers(rows * std::size(kAllSituations)), announcements(std::size(kAllSituations)) {}

  common::LogThrottle& For(Row row, Situation situation) {
    return answers[row * std::size(kAllSituations) + static_cast<std::size_t>(situation)];
  }
  common::LogThrottle& For(WrongProtocol protocol) {
    return wrong_protocols[static_cast<std::size_t>(protocol)];
  }

  std::vector<common::LogThrottle> answers;
  std::vector<common::LogThrottle> announcements;
  common::LogThrottle not_rebuilt{kRarely};
  common::LogThrottle expected_not_rebuilt{kRarely};
  common::LogThrottle spool_failure{kSeldom};
  common::LogThrottle spool_closed{kRarely};
  common::LogThrottle eviction{kSeldom};
  std::array<common::LogThrottle, 3> wrong_protocols{
      common::LogThrottle(kRarely), common::LogThrottle(kRarely), common::LogThrottle(kRarely)};
};

struct Events::Clocks {
  explicit Clocks(const common::ProviderTable& providers) {
    by_row.With([&](auto& clocks) {
      for (const common::ProviderRow& row : providers.rows()) {
        clocks.emplace_back(row.retry_schedule);
      }
    });
  }

  common::Guarded<std::vector<RetryClock>> by_row;
  common::Guarded<std::chrono::steady_clock::time_point> read_at;
};

Events::Events(const common::ProviderTable& providers, prometheus::Registry& registry,
               const common::Logger& log)
    : providers_(providers),
      log_(log),
      metrics_(std::make_unique<Metrics>(providers, registry)),
      throttles_(std::make_unique<Throttles>(providers.rows().size())),
      clocks_(std::make_unique<Clocks>(providers)) {
  // Until a spool reports its limit.
  SpoolHolds(0, 0, Duration::zero());
  RefusedCallbacks(0);
  SpoolUnreadable(0);
  for (std::size_t i = 0; i < metrics_->retrying_rows.size(); ++i) {
    const auto& schedule = providers[metrics_->retrying_rows[i]].retry_schedule;
    const auto span = static_cast<double>(schedule.back().count());
    metrics_->attempts_span_seconds.At(i).Set(span);
    metrics_->attempts_left_seconds.At(i).Set(span);
  }
}

Events::~Events() = default;

void Events::Answered(Row row, Situation situation, int status, Duration since_head) {
  metrics_->callbacks.At(row, static_cast<std::size_t>(OutcomeOf(situation))).Increment();
  metrics_->answers.At(row, metrics_->PositionOf(status)).Increment();
  if (since_head > Duration::zero()) {
    metrics_->answer_seconds.At(row).Observe(std::chrono::duration<double>(since_head).count());
  }
  if (const auto reason = metrics_->PositionOf(situation)) {
    metrics_->refusals.At(row, *reason).Increment();
    clocks_->by_row.With(
        [&](auto& clocks) { clocks[row].Refused(std::chrono::steady_clock::now()); });
  }
  if (const auto reason = Metrics::SignatureReasonOf(situation)) {
    metrics_->signatures_refused.At(row, *reason).Increment();
  }
  if (common::IsPenal(status) && status != 400) NoteHold(row);
  if (situation == Situation::kDurable || situation == Situation::kSpooled) return;
  if (const auto suppressed = throttles_->For(row, situation).Admit()) {
    log_.Warn("callback.refused", {{"provider", providers_[row].name},
                                   {"situation", NameOf(situation)},
                                   {"status", status},
                                   {"suppressed", *suppressed}});
  }
}

void Events::NoteHold(Row row) {
  const auto found = std::ranges::find(metrics_->penalising_rows, row);
  if (found == metrics_->penalising_rows.end()) return;
  const auto position = static_cast<std::size_t>(found - metrics_->penalising_rows.begin());
  const auto until = common::WallNow() + kHold;
  metrics_->penalty_until_seconds.At(position).Set(
      std::chrono::duration<double>(until.time_since_epoch()).count());
}

void Events::PassTime(std::chrono::steady_clock::time_point now) {
  const bool is_due = clocks_->read_at.With([now](auto& read_at) {
    if (now < read_at + std::chrono::seconds(1)) return false;
    read_at = now;
    return true;
  });
  if (!is_due) return;
  for (std::size_t i = 0; i < metrics_->retrying_rows.size(); ++i) {
    const Row row = metrics_->retrying_rows[i];
    const auto reading =
        clocks_->by_row.With([&](auto& clocks) { return clocks[row].ReadAt(now); });
    metrics_->attempts_left_seconds.At(i).Set(std::chrono::duration<double>(reading.left).count());
    if (reading.has_given_up) {
      log_.Error("provider.out_of_attempts",
                 {{"provider", providers_[row].name},
                  {"why", "callbacks were refused at every attempt of their schedule"}});
    }
  }
}

void Events::ClientLeft(Row row) { metrics_->clients_left.At(row).Increment(); }

void Events::InFlight(std::size_t requests) {
  metrics_->in_flight.Set(static_cast<double>(requests));
}

void Events::LoadIsShed(std::size_t requests, std::size_t bytes) {
  log_.Warn("load.shedding", {{"in_flight", requests}, {"bytes", bytes}});
}

void Events::LoadIsNormal(std::uint64_t refused, Duration lasted) {
  using std::chrono::milliseconds;
  log_.Info("load.normal",
            {{"refused", refused},
             {"lasted_ms", std::chrono::duration_cast<milliseconds>(lasted).count()}});
}

void Events::WrongProtocolReceived(WrongProtocol protocol) {
  const auto suppressed = throttles_->For(protocol).Admit();
  if (!suppressed) return;
  const auto [name, what] = AdviceOn(protocol);
  log_.Warn("connection.wrong_protocol",
            {{"protocol", name}, {"suppressed", *suppressed}, {"what", what}});
}

void Events::ConnectionEvicted() {
  metrics_->connections_evicted.Increment();
  if (const auto suppressed = throttles_->eviction.Admit()) {
    log_.Warn("connection.evicted",
              {{"suppressed", *suppressed},
               {"what",
                "max_connections is reached: the longest idle connections, and those of unknown "
                "senders, are closed for new ones; limit connections per address in the proxy"}});
  }
}

void Events::ReportCameLate(bool is_stored) {
  metrics_->late_reports.At(is_stored ? 0 : 1).Increment();
}

void Events::Acknowledged(Duration since_produce) {
  metrics_->kafka_ack_seconds.Observe(std::chrono::duration<double>(since_produce).count());
}

void Events::BurstSent(std::size_t records) {
  metrics_->batch_records.At(Metrics::kBurst).Observe(static_cast<double>(records));
}

void Events::BatchSent(std::size_t records) {
  metrics_->batch_records.At(Metrics::kPartition).Observe(static_cast<double>(records));
}

void Events::Held(Duration wait) {
  metrics_->batch_wait_seconds.Observe(std::chrono::duration<double>(wait).count());
}

void Events::KafkaIsAccepting() {
  KafkaIs(true);
  log_.Info("kafka.available");
}

void Events::KafkaIsAway(std::string_view why) {
  KafkaIs(false);
  log_.Error("kafka.unavailable", {{"why", why}});
}

void Events::KafkaIs(bool is_up) { metrics_->kafka_up.Set(is_up ? 1 : 0); }

void Events::PartitionsFailing(std::optional<std::size_t> count) {
  metrics_->partitions_failing.Set(0, AsDouble(count));
}

void Events::PartitionFails(common::Partition partition, std::string_view why) {
  log_.Error("partition.fails", {{"partition", partition.number()}, {"why", why}});
}

void Events::PartitionWorks(common::Partition partition) {
  log_.Info("partition.works", {{"partition", partition.number()}});
}

void Events::RecordsRefused(std::size_t count, std::string_view why) {
  log_.Error("record.refused", {{"count", count}, {"why", why}});
}

void Events::TopicFinding(bool is_refused, std::string_view topic, std::string_view what) {
  if (is_refused) {
    log_.Error("topic.refused", {{"topic", topic}, {"what", what}});
  } else {
    log_.Warn("topic.differs", {{"topic", topic}, {"what", what}});
  }
}

void Events::ProducerRestarted(std::string_view why) {
  metrics_->producer_restarts.Increment();
  log_.Error("producer.restarted", {{"why", why}});
}

void Events::ProducerNotRebuilt(std::string_view why) {
  if (const auto suppressed = throttles_->not_rebuilt.Admit()) {
    log_.Error("producer.not_rebuilt", {{"why", why}, {"suppressed", *suppressed}});
  }
}

void Events::BatchesLimited(std::size_t bytes) {
  log_.Info("producer.batches_limited", {{"bytes", bytes}});
}

void Events::SpoolLimitIs(std::size_t max_bytes) {
  metrics_->spool_limit_bytes.Set(static_cast<double>(max_bytes));
  SpoolIsUnknown();
}

/// Nothing that the disk tells is known.
void Events::SpoolIsUnknown() {
  SpoolHoldsUnknown();
  SpoolDiskIs(std::nullopt);
  RefusedCallbacks(std::nullopt);
  metrics_->spool_unreadable.Set(0, std::nullopt);
}

void Events::SpoolOpened(std::string_view path) { log_.Info("spool.opened", {{"path", path}}); }

void Events::SpoolCannotBeOpened(std::string_view path, std::string_view why, bool is_damaged) {
  const auto suppressed = throttles_->spool_closed.Admit();
  if (!suppressed) return;
  std::string what =
      "callbacks that Kafka does not accept get their transient_status; ingest keeps trying to "
      "open the spool";
  if (is_damaged) {
    what +=
        "; keep the file, configure another path or move the file away, and recover its callbacks: "
        "see SpoolIsClosed in the runbook";
  }
  log_.Error("spool.cannot_open",
             {{"path", path}, {"why", why}, {"what", what}, {"suppressed", *suppressed}});
}

void Events::SpoolCounted(std::size_t records, std::size_t bytes) {
  log_.Info("spool.counted", {{"records", records}, {"bytes", bytes}});
}

void Events::SpoolIs(bool is_open, bool has_room) {
  metrics_->spool_open.Set(is_open ? 1 : 0);
  metrics_->spool_has_room.Set(has_room ? 1 : 0);
}

void Events::SpoolHolds(std::size_t records, std::size_t bytes, Duration oldest_age) {
  metrics_->spool_records.Set(0, static_cast<double>(records));
  metrics_->spool_bytes.Set(0, static_cast<double>(bytes));
  metrics_->spool_oldest_age_seconds.Set(0, std::chrono::duration<double>(oldest_age).count());
}

void Events::SpoolHoldsUnknown() {
  metrics_->spool_records.Set(0, std::nullopt);
  metrics_->spool_bytes.Set(0, std::nullopt);
  metrics_->spool_oldest_age_seconds.Set(0, std::nullopt);
}

void Events::SpoolDiskIs(std::optional<SpoolDisk> disk) {
  const auto bytes = [&](std::uint64_t SpoolDisk::*of) {
    return disk ? std::optional(static_cast<double>((*disk).*of)) : std::nullopt;
  };
  metrics_->spool_disk_free_bytes.Set(0, bytes(&SpoolDisk::free_bytes));
  metrics_->spool_disk_needed_bytes.Set(0, bytes(&SpoolDisk::needed_bytes));
}

void Events::SpoolFileLost(bool is_whole_file) {
  metrics_->spool_files_lost.Increment();
  log_.Error("spool.file_lost",
             {{"why", is_whole_file ? "the file at its path is missing or was replaced"
                                    : "its write-ahead log is missing or was replaced"},
              {"what",
               "ingest answers no 200 for this file any more; waiting callbacks are copied into "
               "the file at the path or sent to Kafka"}});
}

void Events::SpoolFileReplaced(std::size_t copied, std::size_t unreadable) {
  if (unreadable == 0) {
    log_.Warn("spool.file_replaced", {{"copied", copied}});
    return;
  }
  metrics_->spool_left_behind.Increment(static_cast<double>(unreadable));
  log_.Error(
      "spool.file_replaced",
      {{"copied", copied},
       {"unreadable", unreadable},
       {"what",
        "at most this many callbacks were unreadable and are only in the old file: keep it, and "
        "see SpoolIsClosed in the runbook to recover them"}});
}

void Events::SpoolUnreadable(std::size_t places) {
  metrics_->spool_unreadable.Set(0, static_cast<double>(places));
  if (places == 0) {
    if (spool_is_unreadable_.exchange(false)) log_.Info("spool.readable");
    return;
  }
  if (spool_is_unreadable_.exchange(true)) return;
  log_.Error("spool.unreadable", {{"places", places},
                                  {"what",
                                   "callbacks there were answered 200 and stay in the file: replay "
                                   "skips them and retries later; check the disk"}});
}

void Events::SpoolStalls(bool does_so) {
  if (!does_so) {
    log_.Info("spool.answers");
    return;
  }
  SpoolIs(false, false);
  SpoolIsUnknown();
  log_.Error(
      "spool.stalls",
      {{"what",
        "the disk has not finished a request for a second: until it has, ingest prefers Kafka, and "
        "one-shot callbacks that Kafka does not take wait for the disk"}});
}

void Events::SpoolIsInUse() {
  log_.Warn("spool.in_use",
            {{"what", "ingest spools callbacks that Kafka does not acknowledge in time"}});
}

void Events::SpoolHasRoom(bool has_room) {
  if (has_room) {
    log_.Info("spool.has_room");
  } else {
    log_.Error("spool.full", {{"what",
                               "max_bytes or min_free_disk is reached: callbacks that Kafka does "
                               "not accept get their transient_status"}});
  }
}

void Events::SpoolFailed(std::string_view why) {
  if (const auto suppressed = throttles_->spool_failure.Admit()) {
    spool_has_failed_ = true;
    log_.Error("spool.failed", {{"why", why}, {"suppressed", *suppressed}});
  }
}

void Events::SpoolWorks() {
  if (spool_has_failed_.exchange(false)) log_.Info("spool.works");
}

void Events::SpoolDamaged(std::string_view why) {
  log_.Error("spool.damaged",
             {{"why", why},
              {"what",
               "waiting callbacks are unreadable, and ingest spools nothing more until the next "
               "start; keep the file: SpoolIsClosed in the runbook says how to recover its "
               "callbacks"}});
}

void Events::ReplayStarted(std::size_t records) {
  log_.Info("spool.replay_started", {{"records", records}});
}

void Events::ReplayInterrupted(std::size_t replayed, std::size_t left) {
  log_.Warn("spool.replay_interrupted", {{"replayed", replayed}, {"left", left}});
}

void Events::ReplayFinished(std::size_t replayed) {
  log_.Info("spool.replay_finished", {{"replayed", replayed}});
}

void Events::CallbacksRefused(std::size_t count, std::string_view first_request_id,
                              std::string_view reason, std::string_view path) {
  log_.Error("spool.refused", {{"count", count},
                               {"requestId", first_request_id},
                               {"why", reason},
                               {"path", path},
                               {"what",
                                "Kafka refuses these callbacks; they were answered 200 and are "
                                "kept: see `sluicectl spool`"}});
}

void Events::RefusedCallbacksUpgraded(std::string_view path, std::size_t records) {
  log_.Info("spool.refused_upgraded", {{"path", path}, {"records", records}});
}

void Events::RefusedCallbacksMovedBack(std::size_t count) {
  log_.Info("spool.refused_retried", {{"count", count}});
}

void Events::RefusedCallbacks(std::optional<std::size_t> records) {
  metrics_->spool_refused_records.Set(0, AsDouble(records));
}

void Events::SpoolClosed(bool is_complete, std::optional<std::size_t> records) {
  if (records) {
    log_.Info("spool.closed", {{"complete", is_complete}, {"records", *records}});
  } else {
    log_.Info("spool.closed", {{"complete", is_complete}});
  }
}

void Events::ProviderHasNoCredentials(std::string_view provider) {
  log_.Warn("provider.has_no_credentials", {{"provider", provider},
                                            {"what",
                                             "all its callbacks are answered 401: set "
                                             "authorization, authorization_file or auth: none"}});
}

void Events::FewDescriptors(std::uint64_t limit, std::uint64_t wanted, std::uint64_t connections) {
  log_.Warn("descriptors.few", {{"limit", limit},
                                {"wanted", wanted},
                                {"connections", connections},
                                {"what", "raise LimitNOFILE to twice max_connections"}});
}

void Events::ExpectedStored(std::size_t announcements) {
  metrics_->expected.At(0).Increment(static_cast<double>(announcements));
}

void Events::ExpectedNotStored(Situation situation, int status) {
  metrics_->expected.At(Metrics::ExpectedOutcomeOf(situation)).Increment();
  auto& throttle = throttles_->announcements[static_cast<std::size_t>(situation)];
  if (const auto suppressed = throttle.Admit()) {
    log_.Warn("expected.refused",
              {{"situation", NameOf(situation)}, {"status", status}, {"suppressed", *suppressed}});
  }
}

void Events::ExpectedTopicIsAccepting() { log_.Info("expected.available"); }

void Events::ExpectedTopicIsAway(std::string_view why) {
  log_.Error("expected.unavailable", {{"why", why}});
}

void Events::ExpectedPartitionFails(std::string_view topic, common::Partition partition,
                                    std::string_view why) {
  log_.Error("partition.fails",
             {{"topic", topic}, {"partition", partition.number()}, {"why", why}});
}

void Events::ExpectedPartitionWorks(std::string_view topic, common::Partition partition) {
  log_.Info("partition.works", {{"topic", topic}, {"partition", partition.number()}});
}

void Events::ExpectedRecordsRefused(std::string_view topic, std::size_t count,
                                    std::string_view why) {
  log_.Error("record.refused", {{"topic", topic}, {"count", count}, {"why", why}});
}

void Events::ExpectedProducerRestarted(std::string_view topic, std::string_view why) {
  log_.Error("producer.restarted", {{"topic", topic}, {"why", why}});
}

void Events::ExpectedProducerNotRebuilt(std::string_view topic, std::string_view why) {
  if (const auto suppressed = throttles_->expected_not_rebuilt.Admit()) {
    log_.Error("producer.not_rebuilt",
               {{"topic", topic}, {"why", why}, {"suppressed", *suppressed}});
  }
}

void Events::ExpectedBatchesLimited(std::string_view topic, std::size_t bytes) {
  log_.Info("producer.batches_limited", {{"topic", topic}, {"bytes", bytes}});
}

void Events::SecretsReloaded() { log_.Info("secrets.reloaded"); }

void Events::SecretsNotReloaded(std::string_view provider, std::string_view why) {
  log_.Error("secrets.not_reloaded",
             {{"provider", provider}, {"why", why}, {"what", "the old values stay in force"}});
}

void Events::Listening(std::uint16_t port, std::uint16_t admin_port) {
  log_.Info("ingest.listening", {{"port", port}, {"admin_port", admin_port}});
}

void Events::DrainStarted() { log_.Info("ingest.draining"); }

void Events::Stopped(bool is_drained, std::size_t unsent_records) {
  log_.Info("ingest.stopped", {{"drained", is_drained}, {"unsent_records", unsent_records}});
}

void Events::CannotRun(std::string_view why) { log_.Error("ingest.cannot_run", {{"why", why}}); }

}  // namespace ingest
