#include "consumer/events.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <prometheus/registry.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <string>
#include <vector>

#include "tests/harness/process.h"
#include "tests/support/metrics.h"
#include "tests/support/temp_directory.h"

namespace consumer {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr common::ProviderTable::Index kOnfido = 1;

AttemptReport RefusedToken() {
  AttemptReport report;
  report.resource = Resource::kToken;
  report.result = AttemptResult::kUnauthorized;
  return report;
}

class EventsTest : public ::testing::Test {
 protected:
  [[nodiscard]] double Value(const std::string& family,
                             const std::set<std::string>& label_values = {}) const {
    return tests::MetricValue(registry, "sluice_consumer_" + family, label_values);
  }

  std::string lines;
  common::Logger log{"consumer", [this](std::string_view line) { lines += line; }};
  common::ProviderTable providers;
  prometheus::Registry registry;
  Events events{providers, 2, registry, log};
  LaneReporter first{events, 0};
  LaneReporter second{events, 1};
};

TEST(EventsOfAccounts, MatchGoldenListOfMetrics) {
  const common::Logger log{"consumer", [](std::string_view /*line*/) {}};
  const common::ProviderTable providers;
  prometheus::Registry registry;
  Events events(providers, 2, registry, log, {"assure", "acme"});
  LaneReporter first(events, 0);
  LaneReporter second(events, 1);
  // Gauges that are absent while unknown.
  first.ClockSeen(kOnfido, milliseconds(0));
  for (LaneReporter* lane : {&first, &second}) {
    lane->Measured({.oldest_pending_age = milliseconds(0),
                    .lag = 0,
                    .unread = 0,
                    .forgotten = ForgottenPlaces(),
                    .expected_waiting = 0,
                    .expected_due = 0,
                    .expected_read_age = milliseconds(0),
                    .expected_due_age = milliseconds(0)});
  }
  EXPECT_EQ(tests::ListMetrics(registry),
            tests::ReadFile(tests::SourcePath("tests/golden/consumer_metrics.txt")));
}

TEST_F(EventsTest, CountsCallbacksByProviderAndOutcome) {
  first.DisposedOf(kOnfido, Disposal::kPublished, milliseconds(1'500));
  first.DisposedOf(kOnfido, Disposal::kDuplicate, std::nullopt);
  second.DisposedOf(common::ProviderTable::kUnknown, Disposal::kDead, std::nullopt);
  EXPECT_EQ(Value("callbacks_total", {"onfido", "published"}), 1);
  EXPECT_EQ(Value("callbacks_total", {"onfido", "duplicate"}), 1);
  EXPECT_EQ(Value("callbacks_total", {"unknown", "dead"}), 1);
  EXPECT_EQ(Value("callbacks_total", {"readid", "dead"}), 0) << "exists before any event";
  EXPECT_EQ(Value("end_to_end_seconds", {"onfido"}), 1);
}

// Each lane looks at all partitions of the dead letters.
TEST_F(EventsTest, CountsForgottenTransactionThatAllLanesSeeOnce) {
  first.Measured(
      {.forgotten = ForgottenPlaces{{"dead", Partition(0)}, {"processes", Partition(1)}}});
  second.Measured(
      {.forgotten = ForgottenPlaces{{"dead", Partition(0)}, {"processes", Partition(2)}}});
  EXPECT_EQ(Value("transactions_forgotten"), 3);
}

// That comes twice for each request, and takes the lock of all lanes.
TEST_F(EventsTest, UpdatesOnlyFetchesInFlightWhenTheyChange) {
  prometheus::Gauge& pending =
      prometheus::BuildGauge().Name("sluice_consumer_pending").Register(registry).Add({});
  pending.Set(77);
  first.InFlightChanged(3);
  second.InFlightChanged(2);
  EXPECT_EQ(Value("in_flight"), 5);
  EXPECT_EQ(Value("pending"), 77) << "not computed anew";
}

TEST_F(EventsTest, CountsSetAsideCallbackOnceAndShowsCurrentNumber) {
  const SetAsideReport report{
      .partition = Partition(2), .offset = Offset(7), .reason = RefusalReason::kTimestamp};
  first.RecordSetAside(report);
  SetAsideReport again = report;
  again.is_new = false;
  first.RecordSetAside(again);
  second.RecordSetAside(report);
  EXPECT_EQ(Value("set_aside_total", {"timestamp"}), 2);
  EXPECT_EQ(Value("set_aside_total", {"too_large"}), 0) << "exists before any event";
  first.Measured({.oldest_pending_age = {}, .lag = {}, .set_aside = 3});
  second.Measured({.oldest_pending_age = {}, .lag = {}, .set_aside = 1});
  EXPECT_EQ(Value("set_aside"), 4);
}

TEST_F(EventsTest, ShowsNoExpectedProcessesWhileALaneDoesNotKnowThem) {
  const LaneGauges known{.expected_waiting = 5,
                         .expected_due = 2,
                         .expected_read_age = milliseconds(1'500),
                         .expected_due_age = milliseconds(0)};
  first.Measured(known);
  second.Measured({.expected_read_age = milliseconds(90'000), .expected_due_age = milliseconds(0)});
  EXPECT_EQ(Value("expected", {"waiting"}), -1) << "a part is no sum";
  EXPECT_EQ(Value("expected", {"due"}), -1);
  EXPECT_EQ(Value("expected_due_age_seconds"), -1);
  EXPECT_EQ(Value("expected_read_age_seconds"), 90);
  second.Measured(
      {.expected_read_age = milliseconds(90'000), .expected_due_age = milliseconds(4'000)});
  EXPECT_EQ(Value("expected_due_age_seconds"), 4) << "no less than that";
  second.Measured(known);
  EXPECT_EQ(Value("expected", {"waiting"}), 10);
  EXPECT_EQ(Value("expected", {"due"}), 4);
  EXPECT_EQ(Value("expected_due_age_seconds"), 0);
  EXPECT_EQ(Value("expected_read_age_seconds"), 1.5);
}

TEST_F(EventsTest, ShowsLargestClockSkewOfProviderOrNone) {
  const auto skew = [&](const std::string& provider) {
    return Value("clock_skew_seconds", {provider});
  };
  first.Measured({});
  EXPECT_EQ(skew("onfido"), -1) << "absent without a callback";
  first.ClockSeen(kOnfido, milliseconds(0));
  first.Measured({});
  EXPECT_EQ(skew("onfido"), 0);
  EXPECT_EQ(skew("eid"), -1);
  second.ClockSeen(kOnfido, milliseconds(1'500));
  second.ClockSeen(kOnfido, milliseconds(20));
  second.Measured({});
  first.Measured({});
  EXPECT_EQ(skew("onfido"), 1.5) << "the largest of all lanes";
}

TEST_F(EventsTest, WarnsWhenClockIsFiveSecondsAhead) {
  first.ClockSeen(kOnfido, milliseconds(4'999));
  EXPECT_EQ(lines, "");
  first.ClockSeen(kOnfido, milliseconds(5'000));
  first.ClockSeen(kOnfido, milliseconds(9'000));
  EXPECT_THAT(lines, HasSubstr(R"("event":"clock.skewed","level":"warn")"));
  EXPECT_THAT(lines, HasSubstr(R"("lane":0,"provider":"onfido","ahead_ms":5000)"));
  EXPECT_EQ(std::count(lines.begin(), lines.end(), '\n'), 1) << "not for each callback";
}

TEST_F(EventsTest, ObservesWaitsOfThousandsOfYears) {
  first.DisposedOf(kOnfido, Disposal::kPublished, std::chrono::hours(24 * 365 * 2'000));
  EXPECT_EQ(Value("end_to_end_seconds", {"onfido"}), 1);
  first.ClockSeen(kOnfido, std::chrono::hours(24 * 365 * 7'000));
  first.Measured({});
  EXPECT_EQ(Value("clock_skew_seconds", {"onfido"}), 24.0 * 365 * 7'000 * 3'600);
}

TEST_F(EventsTest, SumsGaugesOverLanes) {
  first.Measured({.pending = 2,
                  .oldest_pending_age = milliseconds(4'000),
                  .lag = 10,
                  .dedup_keys = 5,
                  .uncommitted_offsets = 7});
  second.Measured({.pending = 3,
                   .oldest_pending_age = milliseconds(9'000),
                   .lag = 1,
                   .dedup_keys = 6,
                   .uncommitted_offsets = 8});
  first.InFlightChanged(7);
  second.ConcurrencyLimitChanged(8);
  EXPECT_EQ(Value("pending"), 5);
  EXPECT_EQ(Value("oldest_pending_age_seconds"), 9) << "the oldest of all";
  EXPECT_EQ(Value("lag"), 11);
  EXPECT_EQ(Value("dedup_keys"), 11);
  EXPECT_EQ(Value("uncommitted_offsets"), 15);
  EXPECT_EQ(Value("in_flight"), 7);
  EXPECT_EQ(Value("concurrency_limit"), 8);
  first.Measured({});
  EXPECT_EQ(Value("pending"), 3) << "a lane's new value replaces its old one";
}

TEST_F(EventsTest, ShowsForgottenTransactionsUnlessUnknown) {
  const ForgottenPlaces none;
  first.Measured({.forgotten = none});
  EXPECT_EQ(Value("transactions_forgotten"), -1) << "the other lane does not know";
  second.Measured({.forgotten = none});
  EXPECT_EQ(Value("transactions_forgotten"), 0);
  second.Measured(
      {.forgotten = ForgottenPlaces{{"processes", Partition(1)}, {"dead", Partition(0)}}});
  first.Measured({.forgotten = std::nullopt});
  EXPECT_EQ(Value("transactions_forgotten"), 2) << "what is known counts all the same";
  second.Measured({.forgotten = none});
  EXPECT_EQ(Value("transactions_forgotten"), -1);
}

TEST_F(EventsTest, ReportsHostAndEndOfHold) {
  EXPECT_EQ(Value("held_until_seconds"), 0);
  const common::WallTime then{milliseconds(1'700'000'000'500)};
  first.HeldBack(Resource::kProcess, milliseconds(30'000), then);
  second.HeldBack(Resource::kToken, milliseconds(5'000), then - milliseconds(25'000));
  EXPECT_EQ(Value("held_until_seconds"), 1'700'000'000.5) << "the latest of all";
  EXPECT_THAT(lines, HasSubstr(R"("event":"fetch.held_back")"));
  EXPECT_THAT(lines, HasSubstr(R"("lane":0,"host":"api","retry_after_ms":30000)"));
  EXPECT_THAT(lines, HasSubstr(R"("lane":1,"host":"token","retry_after_ms":5000)"));
}

TEST_F(EventsTest, ShowsTheEarliestNextProbeOfTheOpenBreakers) {
  const common::WallTime then{milliseconds(1'700'000'000'500)};
  EXPECT_EQ(Value("next_probe_seconds"), 0);
  first.BreakerOpened();
  second.BreakerOpened();
  first.Measured({.next_probe = then});
  second.Measured({.next_probe = then - milliseconds(500)});
  EXPECT_EQ(Value("next_probe_seconds"), 1'700'000'000);
  second.BreakerClosed(std::chrono::seconds(3));
  EXPECT_EQ(Value("next_probe_seconds"), 1'700'000'000.5) << "the other one is open";
  first.Measured({});
  EXPECT_EQ(Value("next_probe_seconds"), 0) << "a probe is under way";
}

TEST_F(EventsTest, ShowsBreakerOpenWhileBreakerOfAnyLaneIsOpen) {
  first.BreakerOpened();
  second.BreakerOpened();
  first.BreakerClosed(std::chrono::seconds(3));
  EXPECT_EQ(Value("breaker_open"), 1);
  second.BreakerClosed(std::chrono::seconds(3));
  EXPECT_EQ(Value("breaker_open"), 0);
}

/// The greatest finite boundary of a histogram.
double LastBoundary(const prometheus::Registry& registry, const std::string& family) {
  double last = 0;
  for (const auto& collected : registry.Collect()) {
    if (collected.name != "sluice_consumer_" + family) continue;
    for (const auto& bucket : collected.metric.front().histogram.bucket) {
      if (!std::isinf(bucket.upper_bound)) last = std::max(last, bucket.upper_bound);
    }
  }
  return last;
}

// A quantile beyond the last boundary is shown as that boundary.
TEST_F(EventsTest, MeasuresDurationsUpToTheirDeadlines) {
  EXPECT_GE(LastBoundary(registry, "fetch_seconds"), 300) << "fetch.timeout";
  EXPECT_GE(LastBoundary(registry, "commit_seconds"), 8 + 15) << "the look before it, and itself";
}

TEST_F(EventsTest, CountsTransactionsByResult) {
  CommitReport report;
  report.outcome = CommitOutcome::kCommitted;
  first.TransactionEnded(report);
  report.is_recycled = true;
  first.TransactionEnded(report);
  report.outcome = CommitOutcome::kAborted;
  report.is_recycled = false;
  first.TransactionEnded(report);
  report.outcome = CommitOutcome::kUnknown;
  first.TransactionEnded(report);
  EXPECT_EQ(Value("commits_total", {"ok"}), 2);
  EXPECT_EQ(Value("commits_total", {"recycled"}), 1);
  EXPECT_EQ(Value("commits_total", {"aborted"}), 1);
  EXPECT_EQ(Value("commits_total", {"unknown"}), 1);
  EXPECT_EQ(Value("commit_seconds"), 4);
}

TEST_F(EventsTest, LogsDeadLetterWithIdsStatusAndTraceId) {
  common::CallbackFacts facts;
  facts.process = common::ProcessId("p-1");
  common::DeadLetter letter;
  letter.reason = common::DeadReason::kGone;
  letter.http_status = 410;
  letter.trace_id = "trace-7";
  first.DeadLettered(facts, letter);
  EXPECT_THAT(lines, HasSubstr(R"("event":"callback.dead_lettered")"));
  EXPECT_THAT(lines, HasSubstr(R"("reason":"gone")"));
  EXPECT_THAT(lines, HasSubstr(R"("processId":"p-1")"));
  EXPECT_THAT(lines, HasSubstr(R"("traceId":"trace-7")"));
}

TEST_F(EventsTest, LogsFailedAttemptsOncePerSecondAndKindButCountsAll) {
  AttemptReport report;
  report.result = AttemptResult::kRetry;
  for (int i = 0; i < 100; ++i) first.AttemptFinished(report);
  report.result = AttemptResult::kOk;
  first.AttemptFinished(report);
  EXPECT_EQ(Value("fetch_attempts_total", {"process", "retry"}), 100);
  EXPECT_EQ(Value("fetch_attempts_total", {"process", "ok"}), 1);
  EXPECT_EQ(Value("fetch_seconds", {"process"}), 101);
  EXPECT_EQ(std::count(lines.begin(), lines.end(), '\n'), 1);
}

TEST_F(EventsTest, NamesNoAccountIfThereIsOnlyOne) {
  first.BreakerOpened();
  first.AttemptFinished(RefusedToken());
  EXPECT_THAT(lines, Not(HasSubstr("account")));
  EXPECT_THAT(tests::ListMetrics(registry), Not(HasSubstr("account")));
}

TEST(EventsOfAccounts, SayWhichAccountIsAway) {
  std::string lines;
  const common::Logger log{"consumer", [&](std::string_view line) { lines += line; }};
  const common::ProviderTable providers;
  prometheus::Registry registry;
  Events events(providers, 2, registry, log, {"assure", "acme"});
  LaneReporter first(events, 0);
  LaneReporter second(events, 1);
  AccountReporter acme(second, 1);
  const auto value = [&](const std::string& family, const std::string& account) {
    return tests::MetricValue(registry, "sluice_consumer_" + family, {account});
  };
  acme.InFlightChanged(3);
  acme.BreakerOpened();
  acme.AttemptFinished(RefusedToken());
  second.Measured({.accounts = {{.pending = 1}, {.pending = 7, .passed_over = 9}}});
  EXPECT_THAT(lines, HasSubstr(R"("event":"breaker.opened")"));
  EXPECT_THAT(lines, HasSubstr(R"("account":"acme")"));
  EXPECT_EQ(value("account_breaker_open", "acme"), 1);
  EXPECT_EQ(value("account_breaker_open", "assure"), 0);
  EXPECT_EQ(value("account_in_flight", "acme"), 3);
  EXPECT_EQ(value("account_pending", "assure"), 1);
  EXPECT_EQ(value("account_pending", "acme"), 7);
  EXPECT_EQ(value("account_passed_over", "acme"), 9);
  EXPECT_EQ(tests::MetricValue(registry, "sluice_consumer_account_fetch_attempts_total",
                               {"acme", "unauthorized"}),
            1);
  EXPECT_EQ(tests::MetricValue(registry, "sluice_consumer_breaker_open", {}), 1) << "any";
  acme.BreakerClosed(std::chrono::seconds(1));
  EXPECT_EQ(value("account_breaker_open", "acme"), 0);
}

}  // namespace
}  // namespace consumer
