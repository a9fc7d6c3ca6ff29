#include "consumer/events.h"

#include <algorithm>
#include <string>
#include <utility>

namespace consumer {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

/// From this difference on, one of the clocks is wrong.
constexpr std::chrono::seconds kSkewed{5};

// For any unit: a received-at of another century exceeds a steady clock's nanoseconds.
template <typename Rep, typename Period>
double Seconds(std::chrono::duration<Rep, Period> duration) {
  return std::chrono::duration<double>(duration).count();
}

std::int64_t Milliseconds(steady_clock::duration duration) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
}

template <typename Enum>
std::size_t Position(Enum value) {
  return static_cast<std::size_t>(value);
}

void Add(std::optional<milliseconds>& longest, const std::optional<milliseconds>& part) {
  if (part) longest = std::max(longest.value_or(milliseconds(0)), *part);
}

std::optional<double> Seconds(const std::optional<milliseconds>& duration) {
  return duration ? std::optional(Seconds(*duration)) : std::nullopt;
}

/// A sum of the parts that are known.
void Add(std::optional<double>& sum, const std::optional<std::size_t>& part) {
  if (part) sum = sum.value_or(0) + static_cast<double>(*part);
}

}  // namespace

Events::Events(const common::ProviderTable& providers, int lanes, prometheus::Registry& registry,
               const common::Logger& log, std::vector<std::string> accounts)
    : providers_(providers),
      accounts_(std::move(accounts)),
      metrics_(providers, registry, accounts_),
      log_(log),
      lanes_(std::vector<LaneState>(
          static_cast<std::size_t>(lanes),
          {.gauges = {}, .accounts = std::vector<AccountState>(accounts_.size())})) {}

template <typename Change>
void Events::Update(std::size_t lane, Change change) {
  lanes_.With([&](std::vector<LaneState>& lanes) {
    change(lanes.at(lane));
    LaneGauges sum;
    std::optional<double> unread;
    milliseconds age{0};
    std::int64_t lag = 0;
    bool is_age_known = true;
    bool is_lag_known = true;
    ForgottenPlaces forgotten;
    bool is_forgotten_known = true;
    std::optional<double> waiting;
    std::optional<double> due;
    std::optional<milliseconds> read_age;
    std::optional<milliseconds> due_age;
    bool is_expected_known = true;
    double limit = 0;
    bool is_breaker_open = false;
    common::WallTime held_until{};
    std::optional<common::WallTime> next_probe;
    for (const LaneState& state : lanes) {
      sum.pending += state.gauges.pending;
      age = std::max(age, state.gauges.oldest_pending_age.value_or(milliseconds(0)));
      lag += state.gauges.lag.value_or(0);
      Add(unread, state.gauges.unread);
      Add(waiting, state.gauges.expected_waiting);
      Add(due, state.gauges.expected_due);
      Add(read_age, state.gauges.expected_read_age);
      Add(due_age, state.gauges.expected_due_age);
      is_expected_known = is_expected_known && state.gauges.expected_due.has_value();
      is_age_known = is_age_known && state.gauges.oldest_pending_age.has_value();
      is_lag_known = is_lag_known && state.gauges.lag.has_value();
      sum.set_aside += state.gauges.set_aside;
      sum.dedup_keys += state.gauges.dedup_keys;
      sum.uncommitted_offsets += state.gauges.uncommitted_offsets;
      sum.partitions += state.gauges.partitions;
      sum.restoring += state.gauges.restoring;
      sum.stuck += state.gauges.stuck;
      if (state.gauges.forgotten) {
        forgotten.insert(state.gauges.forgotten->begin(), state.gauges.forgotten->end());
      }
      is_forgotten_known = is_forgotten_known && state.gauges.forgotten.has_value();
      sum.restoring_for = std::max(sum.restoring_for, state.gauges.restoring_for);
      bool is_open = false;
      for (const AccountState& account : state.accounts) {
        limit += account.concurrency_limit;
        is_open = is_open || account.is_breaker_open;
        held_until = std::max(held_until, account.held_until);
      }
      is_breaker_open = is_breaker_open || is_open;
      if (is_open && state.gauges.next_probe) {
        next_probe =
            std::min(next_probe.value_or(*state.gauges.next_probe), *state.gauges.next_probe);
      }
    }
    metrics_.pending.Set(static_cast<double>(sum.pending));
    // A sum with an unknown part is unknown. An old callback is reported all the same.
    const bool is_old = age > milliseconds(0);
    metrics_.oldest_pending_age_seconds.Set(
        0, is_age_known || is_old ? std::optional(Seconds(age)) : std::nullopt);
    metrics_.partitions_unread.Set(0, unread);
    metrics_.lag.Set(0, is_lag_known ? std::optional(static_cast<double>(lag)) : std::nullopt);
    metrics_.expected.Set(Position(ExpectedState::kWaiting),
                          is_expected_known ? waiting : std::nullopt);
    metrics_.expected.Set(Position(ExpectedState::kDue), is_expected_known ? due : std::nullopt);
    metrics_.expected_read_age_seconds.Set(0, Seconds(read_age));
    const bool is_overdue = due_age && *due_age > milliseconds(0);
    metrics_.expected_due_age_seconds.Set(
        0, is_expected_known || is_overdue ? Seconds(due_age) : std::nullopt);
    metrics_.set_aside.Set(static_cast<double>(sum.set_aside));
    metrics_.dedup_keys.Set(static_cast<double>(sum.dedup_keys));
    metrics_.uncommitted_offsets.Set(static_cast<double>(sum.uncommitted_offsets));
    const auto set = [&](PartitionState state, std::size_t count) {
      metrics_.partitions.At(Position(state)).Set(static_cast<double>(count));
    };
    set(PartitionState::kRunning, sum.partitions - sum.restoring);
    set(PartitionState::kRestoring, sum.restoring - std::min(sum.restoring, sum.stuck));
    set(PartitionState::kStuck, sum.stuck);
    // One that is known is reported all the same.
    metrics_.transactions_forgotten.Set(0,
                                        is_forgotten_known || !forgotten.empty()
                                            ? std::optional(static_cast<double>(forgotten.size()))
                                            : std::nullopt);
    metrics_.restoring_seconds.Set(Seconds(sum.restoring_for));
    metrics_.concurrency_limit.Set(limit);
    metrics_.breaker_open.Set(is_breaker_open ? 1 : 0);
    metrics_.held_until_seconds.Set(Seconds(held_until.time_since_epoch()));
    metrics_.next_probe_seconds.Set(
        Seconds(next_probe.value_or(common::WallTime{}).time_since_epoch()));
    ShowClocks(lanes);
    if (metrics_.accounts) ShowAccounts(lanes);
  });
}

void Events::SetInFlight(std::size_t lane, AccountIndex account, int in_flight) {
  lanes_.With([&](std::vector<LaneState>& lanes) {
    lanes.at(lane).accounts.at(account).in_flight = in_flight;
    int sum = 0;
    int own = 0;
    for (const LaneState& state : lanes) {
      for (const AccountState& one : state.accounts) sum += one.in_flight;
      own += state.accounts.at(account).in_flight;
    }
    metrics_.in_flight.Set(sum);
    if (metrics_.accounts) metrics_.accounts->in_flight.At(account).Set(own);
  });
}

void Events::ShowAccounts(const std::vector<LaneState>& lanes) {
  for (AccountIndex account = 0; account < accounts_.size(); ++account) {
    AccountGauges sum;
    bool is_breaker_open = false;
    common::WallTime held_until{};
    for (const LaneState& state : lanes) {
      const AccountState& own = state.accounts[account];
      is_breaker_open = is_breaker_open || own.is_breaker_open;
      held_until = std::max(held_until, own.held_until);
      if (account >= state.gauges.accounts.size()) continue;
      sum.pending += state.gauges.accounts[account].pending;
      sum.passed_over += state.gauges.accounts[account].passed_over;
    }
    AccountMetrics& metrics = *metrics_.accounts;
    metrics.pending.At(account).Set(static_cast<double>(sum.pending));
    metrics.passed_over.At(account).Set(static_cast<double>(sum.passed_over));
    metrics.breaker_open.At(account).Set(is_breaker_open ? 1 : 0);
    metrics.held_until_seconds.At(account).Set(Seconds(held_until.time_since_epoch()));
  }
}

common::LogField Events::Named(AccountIndex account) const {
  if (accounts_.size() <= 1) return {"", ""};
  return {"account", accounts_[account]};
}

void Events::ShowClocks(const std::vector<LaneState>& lanes) {
  for (std::size_t row = 0; row < providers_.rows().size(); ++row) {
    std::optional<double> most;
    for (const LaneState& state : lanes) {
      if (row >= state.ahead.size() || !state.ahead[row]) continue;
      most = std::max(most.value_or(0), Seconds(*state.ahead[row]));
    }
    metrics_.clock_skew_seconds.Set(row, most);
  }
}

void Events::Started(std::uint16_t admin_port, int lanes) {
  log_.Info("consumer.started", {{"admin_port", admin_port}, {"lanes", lanes}});
}

void Events::TopicFinding(bool is_refused, std::string_view topic, std::string_view what) {
  if (is_refused) return log_.Error("topic.refused", {{"topic", topic}, {"what", what}});
  log_.Warn("topic.differs", {{"topic", topic}, {"what", what}});
}

void Events::LaneFailed(std::size_t lane, std::string_view code, std::string_view why) {
  log_.Error("lane.failed", {{"lane", lane}, {"code", code}, {"why", why}});
}

void Events::CannotRun(std::string_view why) { log_.Error("consumer.cannot_run", {{"why", why}}); }

void Events::SecretsReloaded() { log_.Info("secrets.reloaded"); }

void Events::SecretNotReloaded(std::string_view account, std::string_view why) {
  log_.Error("secrets.not_reloaded", {{"account", account}, {"why", why}});
}

void Events::Stopping() { log_.Info("consumer.stopping"); }
void Events::Stopped() { log_.Info("consumer.stopped"); }

void LaneReporter::Assigned(std::size_t partitions) {
  events_.log_.Info("lane.assigned", {{"lane", lane_}, {"partitions", partitions}});
}

void LaneReporter::Revoked(std::size_t partitions, bool is_lost) {
  events_.log_.Info("lane.revoked",
                    {{"lane", lane_}, {"partitions", partitions}, {"lost", is_lost}});
}

void LaneReporter::Restored(Partition partition, Offset start, std::size_t keys,
                            steady_clock::duration elapsed) {
  events_.metrics_.restore_seconds.Set(Seconds(elapsed));
  events_.log_.Info("partition.restored", {{"lane", lane_},
                                           {"partition", partition.number()},
                                           {"offset", start.number()},
                                           {"keys", keys},
                                           {"ms", Milliseconds(elapsed)}});
}

void LaneReporter::ClockSeen(common::ProviderTable::Index row, std::chrono::milliseconds ahead) {
  const auto now = steady_clock::now();
  ReceiverClock& clock = clocks_.at(row);
  clock.ahead.Add(now, ahead);
  if (ahead < kSkewed || (clock.warned_at && now - *clock.warned_at < kClockWindow)) return;
  clock.warned_at = now;
  events_.log_.Warn(
      "clock.skewed",
      {{"lane", lane_}, {"provider", events_.providers_[row].name}, {"ahead_ms", ahead.count()}});
}

void LaneReporter::LogWentBack(Partition partition, Offset position, Offset begin) {
  events_.metrics_.log_went_back.Increment();
  events_.log_.Error("log.went_back", {{"lane", lane_},
                                       {"partition", partition.number()},
                                       {"position", position.number()},
                                       {"read_again_from", begin.number()}});
}

void LaneReporter::ExpiredUnread(Partition partition, Offset from, Offset to) {
  events_.metrics_.expired_unread.Increment(static_cast<double>(to - from));
  events_.log_.Error("callbacks.expired_unread", {{"lane", lane_},
                                                  {"partition", partition.number()},
                                                  {"from", from.number()},
                                                  {"to", (to - 1).number()},
                                                  {"offsets", to - from}});
}

void LaneReporter::PartitionsChanged(const std::optional<PartitionsChange>& change) {
  if (!change) return events_.log_.Info("topic.partitions_fit", {{"lane", lane_}});
  events_.log_.Error(
      "topic.refused",
      {{"lane", lane_},
       {"partitions", change->now},
       {"expected", change->before},
       {"what",
        "the topic's partition count differs from the one on which its committed offsets are "
        "based. The lane takes in no callbacks, because it would publish redeliveries twice; "
        "ops/docs/operations.md says what to do"}});
}

void LaneReporter::PartitionsUnread(std::size_t count) {
  events_.log_.Error("partitions.unread", {{"lane", lane_}, {"partitions", count}});
}

void LaneReporter::DisposedOf(common::ProviderTable::Index row, Disposal disposal,
                              std::optional<std::chrono::milliseconds> waited) {
  events_.metrics_.callbacks.At(row, Position(disposal)).Increment();
  if (waited) events_.metrics_.end_to_end_seconds.At(row).Observe(Seconds(*waited));
}

void LaneReporter::DeadLettered(const common::CallbackFacts& facts,
                                const common::DeadLetter& letter) {
  events_.log_.Warn("callback.dead_lettered", {{"reason", ToText(letter.reason)},
                                               {"provider", facts.provider},
                                               {"processId", facts.process.str()},
                                               {"dossierId", facts.dossier.str()},
                                               {"attempts", letter.attempts},
                                               {"status", letter.http_status},
                                               {"traceId", letter.trace_id},
                                               {"partition", letter.partition.number()},
                                               {"offset", letter.offset.number()}});
}

void LaneReporter::RecordSetAside(const SetAsideReport& report) {
  if (report.is_new) events_.metrics_.set_aside_total.At(Position(report.reason)).Increment();
  const std::string kind = std::string("set aside ")
                               .append(ToText(report.topic))
                               .append(ToText(report.reason))
                               .append(report.is_new ? "" : " again");
  const auto suppressed = throttle_.Admit(kind);
  if (!suppressed) return;
  events_.log_.Error("record.set_aside", {{"lane", lane_},
                                          {"topic", ToText(report.topic)},
                                          {"partition", report.partition.number()},
                                          {"offset", report.offset ? report.offset->number() : -1},
                                          {"reason", ToText(report.reason)},
                                          {"again", !report.is_new},
                                          {"suppressed", *suppressed}});
}

void LaneReporter::AcceptedAgain(OutgoingTopic topic, Partition partition, std::size_t count) {
  events_.log_.Info("record.taken_again", {{"lane", lane_},
                                           {"topic", ToText(topic)},
                                           {"partition", partition.number()},
                                           {"callbacks", count}});
}

void LaneReporter::TransactionEnded(const CommitReport& report) {
  Metrics& metrics = events_.metrics_;
  metrics.commit_seconds.Observe(Seconds(report.elapsed));
  const bool is_ok = report.outcome == CommitOutcome::kCommitted;
  const bool is_aborted = report.outcome == CommitOutcome::kAborted;
  metrics.commits
      .At(Position(is_ok        ? CommitResult::kOk
                   : is_aborted ? CommitResult::kAborted
                                : CommitResult::kUnknown))
      .Increment();
  if (report.is_recycled) {
    metrics.commits.At(Position(CommitResult::kRecycled)).Increment();
    events_.log_.Warn("producer.recycled", {{"lane", lane_}, {"committed", is_ok}});
  }
  if (is_ok) return;
  events_.log_.Warn("transaction.not_committed", {{"lane", lane_},
                                                  {"outcome", is_aborted ? "aborted" : "unknown"},
                                                  {"records", report.batch.records.size()},
                                                  {"code", report.code},
                                                  {"detail", report.detail}});
}

void LaneReporter::CommitWithheld() {
  const auto suppressed = throttle_.Admit("commit.withheld");
  if (!suppressed) return;
  events_.log_.Warn("commit.withheld", {{"lane", lane_},
                                        {"why", "the group does not know this member now"},
                                        {"suppressed", *suppressed}});
}

void LaneReporter::ReadingStalled(Partition partition, Offset offset) {
  events_.metrics_.watchdog_actions.At(Position(WatchdogAction::kSeek)).Increment();
  events_.log_.Warn(
      "reading.stalled",
      {{"lane", lane_}, {"partition", partition.number()}, {"offset", offset.number()}});
}

void LaneReporter::ClientRenewed(std::string_view why) {
  events_.metrics_.watchdog_actions.At(Position(WatchdogAction::kRenew)).Increment();
  events_.log_.Error("client.renewed", {{"lane", lane_}, {"why", why}});
}

void LaneReporter::ForgottenEnded(const EndedTransaction& ended) {
  const std::initializer_list<common::LogField> fields = {{"lane", lane_},
                                                          {"open_in", ended.topic},
                                                          {"partition", ended.partition.number()},
                                                          {"open_at", ended.at.number()},
                                                          {"transaction", ended.name.number},
                                                          {"as", ToText(ended.verdict)},
                                                          {"records", ended.records},
                                                          {"why_not", ended.failure}};
  if (!ended.failure.empty()) {
    events_.log_.Error("transaction.not_ended", fields);
    return;
  }
  const bool is_committed = ended.verdict == common::TransactionOutcome::kCommitted;
  events_.metrics_.transactions_ended
      .At(Position(is_committed ? EndedAs::kCommitted : EndedAs::kAborted))
      .Increment();
  events_.log_.Warn("transaction.ended", fields);
}

void LaneReporter::ExpectedEnded(const ExpectedReport& report) {
  events_.metrics_.expected_total.At(report.row, Position(report.end)).Increment();
  if (report.is_lost) events_.metrics_.callbacks_lost.At(report.row).Increment();
  if (report.end == ExpectedEnd::kCallback || report.end == ExpectedEnd::kForgotten) return;
  const std::initializer_list<common::LogField> fields = {{"lane", lane_},
                                                          {"outcome", ToText(report.end)},
                                                          {"provider", report.provider},
                                                          {"processId", report.process},
                                                          {"dossierId", report.dossier},
                                                          {"lost", report.is_lost}};
  if (report.end == ExpectedEnd::kReconciled) {
    events_.log_.Info("expected.ended", fields);
  } else {
    events_.log_.Warn("expected.ended", fields);
  }
}

void LaneReporter::ExpectedElsewhere(std::string_view announced, std::string_view came_by) {
  const auto suppressed = throttle_.Admit("expected.other_route");
  if (!suppressed) return;
  events_.log_.Warn("expected.other_route", {{"lane", lane_},
                                             {"announced", announced},
                                             {"came_by", came_by},
                                             {"suppressed", *suppressed}});
}

void LaneReporter::ExpectedUnclear(std::string_view process, std::string_view status) {
  const auto suppressed = throttle_.Admit("expected.unknown_status");
  if (!suppressed) return;
  events_.log_.Warn(
      "expected.unknown_status",
      {{"lane", lane_}, {"processId", process}, {"status", status}, {"suppressed", *suppressed}});
}

void LaneReporter::ExpectedRefused(std::string_view process, RefusalReason reason) {
  events_.log_.Error("expected.result_refused",
                     {{"lane", lane_}, {"processId", process}, {"reason", ToText(reason)}});
}

void LaneReporter::ExpectedFull(std::size_t outstanding) {
  events_.metrics_.expected_full.Increment();
  const auto suppressed = throttle_.Admit("expected.full");
  if (!suppressed) return;
  events_.log_.Error("expected.full",
                     {{"lane", lane_}, {"outstanding", outstanding}, {"suppressed", *suppressed}});
}

void LaneReporter::Measured(const LaneGauges& gauges) {
  const auto now = steady_clock::now();
  events_.Update(lane_, [&](auto& state) {
    state.gauges = gauges;
    state.ahead.clear();
    for (const ReceiverClock& clock : clocks_) state.ahead.push_back(clock.ahead.At(now));
  });
}

void LaneReporter::AttemptFinished(AccountIndex account, const AttemptReport& report) {
  Metrics& metrics = events_.metrics_;
  metrics.fetch_attempts.At(Position(report.resource), Position(report.result)).Increment();
  if (metrics.accounts) {
    metrics.accounts->fetch_attempts.At(account, Position(report.result)).Increment();
  }
  metrics.fetch_seconds.At(Position(report.resource)).Observe(Seconds(report.elapsed));
  if (has_fetches_) fetch_pulse_.Beat();
  if (report.result == AttemptResult::kOk) return;
  const std::string kind = std::string(ToText(report.resource))
                               .append(" ")
                               .append(ToText(report.result))
                               .append(account == 0 ? "" : " of " + std::to_string(account));
  const auto suppressed = throttle_.Admit(kind);
  if (!suppressed) return;
  const FetchJob none;
  const FetchJob& job = report.job == nullptr ? none : *report.job;
  events_.log_.Warn("fetch.failed", {events_.Named(account),
                                     {"resource", ToText(report.resource)},
                                     {"result", ToText(report.result)},
                                     {"status", report.http_status},
                                     {"detail", report.detail},
                                     {"traceId", report.trace_id},
                                     {"dossierId", job.dossier.str()},
                                     {"processId", job.process.str()},
                                     {"suppressed", *suppressed}});
}

void LaneReporter::BreakerOpened(AccountIndex account) {
  events_.Update(lane_, [&](auto& state) { state.accounts.at(account).is_breaker_open = true; });
  events_.log_.Error("breaker.opened", {{"lane", lane_}, events_.Named(account)});
}

void LaneReporter::BreakerClosed(AccountIndex account, steady_clock::duration open_for) {
  events_.Update(lane_, [&](auto& state) { state.accounts.at(account).is_breaker_open = false; });
  events_.log_.Info(
      "breaker.closed",
      {{"lane", lane_}, events_.Named(account), {"lasted_ms", Milliseconds(open_for)}});
}

void LaneReporter::HeldBack(AccountIndex account, Resource resource, std::chrono::milliseconds wait,
                            common::WallTime until) {
  events_.Update(lane_, [&](auto& state) {
    common::WallTime& held_until = state.accounts.at(account).held_until;
    held_until = std::max(held_until, until);
  });
  const bool is_token = resource == Resource::kToken;
  const std::string kind = std::string(is_token ? "held token" : "held api")
                               .append(account == 0 ? "" : " of " + std::to_string(account));
  const auto suppressed = throttle_.Admit(kind);
  if (!suppressed) return;
  events_.log_.Warn("fetch.held_back", {{"lane", lane_},
                                        events_.Named(account),
                                        {"host", is_token ? "token" : "api"},
                                        {"retry_after_ms", wait.count()},
                                        {"suppressed", *suppressed}});
}

void LaneReporter::ConcurrencyLimitChanged(AccountIndex account, int limit) {
  events_.Update(lane_, [&](auto& state) { state.accounts.at(account).concurrency_limit = limit; });
}

void LaneReporter::InFlightChanged(AccountIndex account, int in_flight) {
  in_flight_.at(account) = in_flight;
  const bool has_fetches = std::ranges::any_of(in_flight_, [](int count) { return count > 0; });
  if (!has_fetches) {
    fetch_pulse_.Rest();
  } else if (!has_fetches_) {
    fetch_pulse_.Beat();
  }
  has_fetches_ = has_fetches;
  events_.SetInFlight(lane_, account, in_flight);
}

}  // namespace consumer
