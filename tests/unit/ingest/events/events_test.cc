#include "ingest/events.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <chrono>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "common/base/rfc3339.h"
#include "common/domain/partition.h"
#include "ingest/instance/expected_durability.h"
#include "ingest/metrics.h"
#include "tests/harness/process.h"
#include "tests/support/metrics.h"
#include "tests/support/temp_directory.h"

namespace ingest {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr common::ProviderTable::Index kOnfido = 1;

class EventsTest : public ::testing::Test {
 protected:
  [[nodiscard]] double Value(const std::string& family,
                             const std::set<std::string>& label_values) const {
    return tests::MetricValue(registry, family, label_values);
  }

  std::string lines;
  common::Logger log{"ingest", [this](std::string_view line) { lines += line; }};
  common::ProviderTable providers;
  prometheus::Registry registry;
  Events events{providers, registry, log};
};

TEST_F(EventsTest, MatchTheGoldenListOfMetrics) {
  events.SpoolDiskIs(SpoolDisk{});  // Absent without a spool.
  events.PartitionsFailing(0);      // Absent until a broker has spoken of them.
  EXPECT_EQ(tests::ListMetrics(registry),
            tests::ReadFile(tests::SourcePath("tests/golden/ingest_metrics.txt")));
}

TEST_F(EventsTest, CountAStoredCallbackWithoutALogLine) {
  events.Answered(kOnfido, Situation::kDurable, 200, milliseconds(3));
  EXPECT_EQ(Value("sluice_ingest_callbacks_total", {"onfido", "stored"}), 1);
  EXPECT_EQ(Value("sluice_ingest_answers_total", {"onfido", "200"}), 1);
  EXPECT_EQ(Value("sluice_ingest_answer_seconds", {"onfido"}), 1);
  EXPECT_EQ(lines, "");
}

TEST_F(EventsTest, CountAnnouncementsAndTheirRefusedRequestsApart) {
  events.ExpectedStored(250);
  EXPECT_EQ(lines, "");
  events.ExpectedNotStored(Situation::kUnavailable, 503);
  events.ExpectedNotStored(Situation::kUnavailable, 503);
  events.ExpectedNotStored(Situation::kMalformed, 400);
  events.ExpectedNotStored(Situation::kBodyTooLarge, 413);
  events.ExpectedNotStored(Situation::kBodyTooSlow, 408);
  events.ExpectedNotStored(Situation::kUnauthorized, 401);
  EXPECT_EQ(Value("sluice_ingest_expected_total", {"stored"}), 250);
  EXPECT_EQ(Value("sluice_ingest_expected_total", {"refused"}), 2);
  EXPECT_EQ(Value("sluice_ingest_expected_total", {"bad_request"}), 3);
  EXPECT_EQ(Value("sluice_ingest_expected_total", {"unauthorized"}), 1);
  EXPECT_EQ(std::ranges::count(lines, '\n'), 5) << "at most one a second for each situation";
  EXPECT_THAT(lines, HasSubstr(R"("situation":"unavailable","status":503)"));
}

TEST_F(EventsTest, CountEverySituationUnderItsOutcome) {
  const std::vector<std::pair<Situation, std::string>> outcomes = {
      {Situation::kDurable, "stored"},
      {Situation::kSpooled, "spooled"},
      {Situation::kUnavailable, "refused"},
      {Situation::kShed, "refused"},
      {Situation::kDraining, "refused"},
      {Situation::kInternalError, "refused"},
      {Situation::kAnswerTooLate, "refused"},
      {Situation::kUnauthorized, "unauthorized"},
      {Situation::kUnsigned, "unauthorized"},
      {Situation::kWrongSignature, "unauthorized"},
      {Situation::kStaleSignature, "unauthorized"},
      {Situation::kOutsidePrefix, "bad_request"},
      {Situation::kWrongMethod, "bad_request"},
      {Situation::kBodyTooLarge, "too_large"},
      {Situation::kHeadTooLarge, "bad_request"},
      {Situation::kLengthRequired, "bad_request"},
      {Situation::kMalformed, "bad_request"},
      {Situation::kHeadTooSlow, "timed_out"},
      {Situation::kBodyTooSlow, "timed_out"},
      {Situation::kTooManyConnections, "refused"},
  };
  ASSERT_EQ(outcomes.size(), std::size(kAllSituations));
  for (const auto& [situation, outcome] : outcomes) {
    const double before = Value("sluice_ingest_callbacks_total", {"onfido", outcome});
    const int status = AnswerFor(situation, providers[kOnfido]).status;
    const double answers = Value("sluice_ingest_answers_total", {"onfido", std::to_string(status)});
    events.Answered(kOnfido, situation, status, {});
    EXPECT_EQ(Value("sluice_ingest_callbacks_total", {"onfido", outcome}), before + 1)
        << NameOf(situation);
    EXPECT_EQ(Value("sluice_ingest_answers_total", {"onfido", std::to_string(status)}), answers + 1)
        << NameOf(situation);
  }
}

TEST_F(EventsTest, CountClientsThatLeaveBeforeTheirAnswer) {
  EXPECT_EQ(Value("sluice_ingest_clients_left_total", {"onfido"}), 0);
  events.ClientLeft(kOnfido);
  EXPECT_EQ(Value("sluice_ingest_clients_left_total", {"onfido"}), 1);
}

TEST_F(EventsTest, CountRefusalsByTheirReason) {
  for (const Situation situation : kAllSituations) {
    const std::string reason(NameOf(situation));
    const bool is_refusal = OutcomeOf(situation) == AnswerOutcome::kRefused;
    EXPECT_EQ(Value("sluice_ingest_refusals_total", {"onfido", reason}), is_refusal ? 0 : -1);
    events.Answered(kOnfido, situation, 503, {});
    EXPECT_EQ(Value("sluice_ingest_refusals_total", {"onfido", reason}), is_refusal ? 1 : -1);
  }
}

TEST_F(EventsTest, CountRefusedSignaturesByTheirReason) {
  events.Answered(kOnfido, Situation::kUnsigned, 401, {});
  events.Answered(kOnfido, Situation::kWrongSignature, 401, {});
  events.Answered(kOnfido, Situation::kWrongSignature, 401, {});
  EXPECT_EQ(Value("sluice_ingest_signatures_refused_total", {"onfido", "missing"}), 1);
  EXPECT_EQ(Value("sluice_ingest_signatures_refused_total", {"onfido", "wrong"}), 2);
  EXPECT_THAT(lines, HasSubstr(R"("situation":"wrong_signature")"));
}

TEST_F(EventsTest, CountLateReportsByTheirOutcome) {
  events.ReportCameLate(true);
  events.ReportCameLate(false);
  events.ReportCameLate(false);
  EXPECT_EQ(Value("sluice_ingest_late_reports_total", {"stored"}), 1);
  EXPECT_EQ(Value("sluice_ingest_late_reports_total", {"unavailable"}), 2);
}

TEST_F(EventsTest, LogBeginAndEndOfShedding) {
  events.LoadIsShed(3, 400);
  EXPECT_THAT(lines, HasSubstr(R"("event":"load.shedding")"));
  EXPECT_THAT(lines, HasSubstr(R"("in_flight":3,"bytes":400)"));
  EXPECT_THAT(lines, Not(HasSubstr("load.normal")));
  events.LoadIsNormal(7, milliseconds(90));
  EXPECT_THAT(lines, HasSubstr(R"("event":"load.normal")"));
  EXPECT_THAT(lines, HasSubstr(R"("refused":7,"lasted_ms":90)"));
}

TEST_F(EventsTest, LogAWrongProtocolOnceAMinuteWithAdvice) {
  for (const auto protocol :
       {WrongProtocol::kTls, WrongProtocol::kHttp2, WrongProtocol::kProxyProtocol}) {
    events.WrongProtocolReceived(protocol);
    events.WrongProtocolReceived(protocol);
  }
  for (const char* name : {"TLS", "HTTP/2", "PROXY protocol"}) {
    EXPECT_THAT(lines, HasSubstr(std::string("\"protocol\":\"") + name));
  }
  EXPECT_EQ(std::ranges::count(lines, '\n'), 3) << "once a minute each";
}

TEST_F(EventsTest, LogRowsWithOldSecretsAndReason) {
  events.SecretsNotReloaded("every provider", "std::bad_alloc");
  EXPECT_THAT(lines, HasSubstr(R"("provider":"every provider","why":"std::bad_alloc")"));
}

TEST_F(EventsTest, CountAnUnlistedStatusAsOther) {
  for (const int status : {302, 406, 599}) {
    events.Answered(kOnfido, Situation::kInternalError, status, {});
  }
  EXPECT_EQ(Value("sluice_ingest_answers_total", {"onfido", "other"}), 3);
  EXPECT_EQ(Value("sluice_ingest_answers_total", {"onfido", "408"}), 0) << "the next one after 406";
}

TEST_F(EventsTest, MeasureNoAnswerWithoutAHead) {
  events.Answered(0, Situation::kMalformed, 400, {});
  EXPECT_EQ(Value("sluice_ingest_answer_seconds", {"unknown"}), 0);
}

TEST_F(EventsTest, LogRefusalsOncePerSecondProviderAndSituation) {
  for (int i = 0; i < 1000; ++i) events.Answered(kOnfido, Situation::kUnavailable, 503, {});
  events.Answered(kOnfido, Situation::kUnauthorized, 401, {});
  events.Answered(0, Situation::kUnauthorized, 401, {});
  EXPECT_LE(std::count(lines.begin(), lines.end(), '\n'), 4) << lines;
  EXPECT_THAT(lines, HasSubstr("\"provider\":\"onfido\",\"situation\":\"unavailable\""));
  EXPECT_THAT(lines, HasSubstr("\"provider\":\"onfido\",\"situation\":\"unauthorized\""));
  EXPECT_THAT(lines, HasSubstr("\"provider\":\"unknown\",\"situation\":\"unauthorized\""));
}

TEST_F(EventsTest, ExposeTheStateOfKafka) {
  events.KafkaIsAccepting();
  EXPECT_EQ(Value("sluice_ingest_kafka_up", {}), 1);
  events.KafkaIsAway("no broker answers");
  EXPECT_EQ(Value("sluice_ingest_kafka_up", {}), 0);
  events.KafkaIs(true);
  EXPECT_EQ(Value("sluice_ingest_kafka_up", {}), 1);
  events.PartitionsFailing(2);
  EXPECT_EQ(Value("sluice_ingest_partitions_failing", {}), 2);
  events.PartitionsFailing(std::nullopt);
  EXPECT_THAT(prometheus::TextSerializer().Serialize(registry.Collect()),
              Not(HasSubstr("\nsluice_ingest_partitions_failing ")));
  events.ProducerRestarted("_FATAL");
  EXPECT_EQ(Value("sluice_ingest_producer_restarts_total", {}), 1);
  events.Acknowledged(milliseconds(2));
  EXPECT_EQ(Value("sluice_ingest_kafka_ack_seconds", {}), 1);
}

TEST_F(EventsTest, ExposeHowCallbacksAreBatched) {
  events.BurstSent(20);
  events.BatchSent(3);
  events.BatchSent(17);
  events.Held(milliseconds(20));
  const std::string metrics = prometheus::TextSerializer().Serialize(registry.Collect());
  EXPECT_THAT(metrics, HasSubstr("sluice_ingest_batch_records_bucket{of=\"burst\",le=\"16\"} 0"));
  EXPECT_THAT(metrics, HasSubstr("sluice_ingest_batch_records_bucket{of=\"burst\",le=\"32\"} 1"));
  EXPECT_THAT(metrics, HasSubstr("sluice_ingest_batch_records_sum{of=\"partition\"} 20"));
  EXPECT_THAT(metrics, HasSubstr("sluice_ingest_batch_wait_seconds_sum 0.02"));
}

TEST_F(EventsTest, ExposeSizeAndLimitOfTheSpool) {
  EXPECT_EQ(Value("sluice_ingest_spool_limit_bytes", {}), 0);
  EXPECT_EQ(Value("sluice_ingest_spool_records", {}), 0) << "there is no spool";
  events.SpoolLimitIs(1024);
  EXPECT_THAT(prometheus::TextSerializer().Serialize(registry.Collect()),
              Not(HasSubstr("\nsluice_ingest_spool_records ")))
      << "not counted yet";
  events.SpoolHolds(2, 30, milliseconds(1500));
  events.SpoolIs(true, true);
  EXPECT_EQ(Value("sluice_ingest_spool_limit_bytes", {}), 1024);
  EXPECT_EQ(Value("sluice_ingest_spool_records", {}), 2);
  EXPECT_EQ(Value("sluice_ingest_spool_bytes", {}), 30);
  EXPECT_EQ(Value("sluice_ingest_spool_oldest_age_seconds", {}), 1.5);
  EXPECT_EQ(Value("sluice_ingest_spool_has_room", {}), 1);
  EXPECT_EQ(Value("sluice_ingest_spool_open", {}), 1);
  events.SpoolIs(false, false);
  EXPECT_EQ(Value("sluice_ingest_spool_open", {}), 0);
  EXPECT_EQ(Value("sluice_ingest_spool_has_room", {}), 0);
}

TEST_F(EventsTest, ExposeFreeAndNeededDiskOfSpoolIfKnown) {
  const auto exposed = [&] { return prometheus::TextSerializer().Serialize(registry.Collect()); };
  EXPECT_THAT(exposed(), Not(HasSubstr("\nsluice_ingest_spool_disk_"))) << "there is no spool";
  events.SpoolDiskIs(SpoolDisk{.free_bytes = 70, .needed_bytes = 50});
  EXPECT_EQ(Value("sluice_ingest_spool_disk_free_bytes", {}), 70);
  EXPECT_EQ(Value("sluice_ingest_spool_disk_needed_bytes", {}), 50);
  events.SpoolDiskIs(std::nullopt);
  EXPECT_THAT(exposed(), Not(HasSubstr("\nsluice_ingest_spool_disk_")));
  events.SpoolDiskIs(SpoolDisk{.free_bytes = 70, .needed_bytes = 50});
  events.SpoolStalls(true);
  EXPECT_THAT(exposed(), Not(HasSubstr("\nsluice_ingest_spool_disk_"))) << "the disk hangs";
}

TEST_F(EventsTest, ExposeNoFigureOfTheSpoolThatAHungDiskMayHaveChanged) {
  const auto exposed = [&] { return prometheus::TextSerializer().Serialize(registry.Collect()); };
  EXPECT_EQ(Value("sluice_ingest_spool_refused_records", {}), 0) << "there is no spool";
  EXPECT_EQ(Value("sluice_ingest_spool_unreadable", {}), 0);
  events.SpoolLimitIs(1'000);
  EXPECT_THAT(exposed(), Not(HasSubstr("\nsluice_ingest_spool_refused_records ")));
  EXPECT_THAT(exposed(), Not(HasSubstr("\nsluice_ingest_spool_unreadable ")));
  events.RefusedCallbacks(3);
  events.SpoolUnreadable(1);
  EXPECT_EQ(Value("sluice_ingest_spool_refused_records", {}), 3);
  EXPECT_EQ(Value("sluice_ingest_spool_unreadable", {}), 1);
  events.SpoolStalls(true);
  EXPECT_THAT(exposed(), Not(HasSubstr("\nsluice_ingest_spool_refused_records ")));
  EXPECT_THAT(exposed(), Not(HasSubstr("\nsluice_ingest_spool_unreadable ")));
}

TEST_F(EventsTest, ExposeUntilWhenAProviderHoldsItsCallbacks) {
  const auto readid = providers.Resolve("readid");
  const auto until = [&] { return Value("sluice_ingest_penalty_until_seconds", {"readid"}); };
  events.Answered(readid, Situation::kUnavailable, 429, {});
  events.Answered(readid, Situation::kMalformed, 400, {});
  events.Answered(kOnfido, Situation::kUnavailable, 503, {});
  EXPECT_EQ(until(), 0) << "none of these is a penal status";
  const auto in_an_hour = [] {
    return std::chrono::duration<double>(common::WallNow().time_since_epoch()).count() + 3600;
  };
  const double earliest = in_an_hour();
  events.Answered(readid, Situation::kInternalError, 500, {});
  EXPECT_GE(until(), earliest);
  EXPECT_LE(until(), in_an_hour());
  EXPECT_EQ(Value("sluice_ingest_penalty_until_seconds", {"onfido"}), -1)
      << "onfido holds nothing back";
}

TEST_F(EventsTest, ExposeTheTimeLeftForRefusedCallbacks) {
  const auto left = [&] { return Value("sluice_ingest_attempts_left_seconds", {"onfido"}); };
  const double span = 36'000;
  EXPECT_EQ(Value("sluice_ingest_attempts_span_seconds", {"onfido"}), span);
  EXPECT_EQ(left(), span) << "also before the first reading";
  const auto now = std::chrono::steady_clock::now();
  events.PassTime(now);
  EXPECT_EQ(left(), span);
  events.Answered(kOnfido, Situation::kUnavailable, 503, {});
  events.PassTime(now + milliseconds(999));
  EXPECT_EQ(left(), span) << "it reads once a second";
  events.PassTime(now + std::chrono::seconds(20));
  EXPECT_LT(left(), span - 10);
  EXPECT_GE(left(), span - 20);
  EXPECT_EQ(Value("sluice_ingest_attempts_left_seconds", {"paper"}), -1) << "paper sends once";
}

TEST_F(EventsTest, NameTheTopicOfAnnouncementsAndCountItsProducerApart) {
  events.PartitionsFailing(0);
  ExpectedKafkaEvents of_announcements("a.expected", events, events);
  of_announcements.ProducerRestarted("_FATAL");
  of_announcements.ProducerNotRebuilt("no memory");
  of_announcements.BatchesLimited(1000);
  of_announcements.RecordsRefused(2, "too large");
  of_announcements.PartitionsFailing(1);
  of_announcements.PartitionFails(common::Partition(3), "no leader");
  of_announcements.PartitionWorks(common::Partition(3));
  for (const char* event :
       {"producer.restarted", "producer.not_rebuilt", "producer.batches_limited", "record.refused",
        "partition.fails", "partition.works"}) {
    const auto at = lines.find(std::string("\"event\":\"") + event + "\"");
    ASSERT_NE(at, std::string::npos) << event;
    EXPECT_THAT(lines.substr(at, lines.find('\n', at) - at), HasSubstr(R"("topic":"a.expected")"));
  }
  EXPECT_EQ(Value("sluice_ingest_producer_restarts_total", {}), 0);
  EXPECT_EQ(Value("sluice_ingest_partitions_failing", {}), 0);
}

TEST_F(EventsTest, LogCallbacksRefusedAtTheirLastAttempt) {
  common::ProviderRow row;
  row.name = "hasty";
  row.retry_schedule = {std::chrono::seconds(0)};
  const common::ProviderTable table({row});
  prometheus::Registry own;
  Events hasty(table, own, log);
  hasty.Answered(table.Resolve("hasty"), Situation::kUnavailable, 503, {});
  hasty.PassTime(std::chrono::steady_clock::now() + std::chrono::seconds(31));
  EXPECT_THAT(lines, HasSubstr(R"("event":"provider.out_of_attempts")"));
  EXPECT_THAT(lines, HasSubstr(R"("provider":"hasty")"));
}

TEST_F(EventsTest, HaveASeriesForAConfiguredTransientStatus) {
  common::ProviderRow row;
  row.name = "trapets";
  row.transient_status = 418;
  const common::ProviderTable table({row});
  prometheus::Registry own;
  Events configured(table, own, log);
  configured.Answered(table.Resolve("trapets"), Situation::kUnavailable, 418, {});
}

}  // namespace
}  // namespace ingest
