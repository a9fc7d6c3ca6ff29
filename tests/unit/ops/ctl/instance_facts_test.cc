#include "ops/ctl/instances/instance_facts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ctl {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Optional;
using testing::Pair;

constexpr const char* kConsumer = R"(# HELP sluice_consumer_pending Callbacks in hand
# TYPE sluice_consumer_pending gauge
sluice_consumer_pending 17
sluice_consumer_pending_total 4
sluice_consumer_oldest_pending_age_seconds 2.5
sluice_consumer_breaker_open 1
sluice_consumer_next_probe_seconds 1800000007.25
sluice_consumer_concurrency_limit 256
sluice_consumer_in_flight 9
sluice_consumer_partitions{state="restoring"} 2
sluice_consumer_partitions{state="running"} 4
sluice_consumer_lag 5
sluice_consumer_set_aside 3
sluice_consumer_set_aside_total{reason="invalid"} 4
sluice_consumer_expired_unread_total 6
sluice_consumer_log_went_back_total 7
sluice_consumer_transactions_forgotten 8
sluice_consumer_expected{state="due"} 10
sluice_consumer_expected{state="waiting"} 11
sluice_consumer_expected_read_age_seconds 12
sluice_consumer_expected_due_age_seconds 13
sluice_consumer_expected_total{outcome="gone",provider="eid"} 14
sluice_consumer_clock_skew_seconds{provider="eid"} 1
sluice_consumer_clock_skew_seconds{provider="onfido"} 9
)";

ProbeAnswer Answered(int status, std::string body) {
  return {.status = status, .body = std::move(body), .error = {}};
}

TEST(Metric, SumsItsSeries) {
  constexpr const char* kText =
      "a 1\na_b 2\na{x=\"1 2\"} 4\na{x=\"}\",y=\"z\"} 8.5\n#a 16\nba 32\na_bucket{le=\"+Inf\"} 64";
  EXPECT_THAT(ReadMetric(kText, "a"), Optional(13.5));
  EXPECT_THAT(ReadMetric(kText, "a", "y=\"z\""), Optional(8.5));
  EXPECT_THAT(ReadMetric(kText, "a_b"), Optional(2));
  EXPECT_THAT(ReadMetric(kText, "a_bucket"), Optional(64));
  EXPECT_EQ(ReadMetric(kText, "c"), std::nullopt);
  EXPECT_EQ(ReadMetric(kText, "a", "x=\"3\""), std::nullopt);
  EXPECT_EQ(ReadMetric("a", "a"), std::nullopt);
  EXPECT_EQ(ReadMetric("a x\n", "a"), std::nullopt);
  EXPECT_EQ(ReadMetric("", "a"), std::nullopt);
}

TEST(Metric, FindsItsLargestSeries) {
  EXPECT_THAT(ReadLargest("a{x=\"1\"} -3\na{x=\"2\"} -7\n", "a"), Optional(-3));
  EXPECT_EQ(ReadLargest("b 1\n", "a"), std::nullopt);
}

TEST(Metric, IsReadByLabel) {
  EXPECT_THAT(
      ReadByLabel("a{x=\"1\",y=\"p q\"} 3\na{y=\"r\"} 4\nab{y=\"s\"} 5\na{x=\"2\"} 6\n", "a", "y"),
      ElementsAre(Pair("p q", 3), Pair("r", 4)));
}

TEST(InstanceFacts, ReadTheGaugesOfAConsumer) {
  const auto facts = ReadInstance("u", Answered(200, kConsumer),
                                  Answered(503, R"({"ready":false,"missing":["group","kafka"]})"));
  EXPECT_EQ(facts.error, "");
  EXPECT_EQ(facts.kind, InstanceFacts::Kind::kConsumer);
  EXPECT_FALSE(facts.is_ready);
  EXPECT_THAT(facts.missing, ElementsAre("group", "kafka"));
  EXPECT_THAT(facts.pending, Optional(17));
  EXPECT_THAT(facts.oldest_pending_seconds, Optional(2.5));
  EXPECT_THAT(facts.breaker_open, Optional(1));
  EXPECT_THAT(facts.next_probe_seconds, Optional(1'800'000'007.25));
  EXPECT_THAT(facts.in_flight, Optional(9));
  EXPECT_THAT(facts.concurrency_limit, Optional(256));
  EXPECT_THAT(facts.restoring, Optional(2));
  EXPECT_THAT(facts.lag, Optional(5));
  EXPECT_THAT(facts.set_aside, Optional(3));
  EXPECT_THAT(facts.expired_unread, Optional(6));
  EXPECT_THAT(facts.log_went_back, Optional(7));
  EXPECT_THAT(facts.transactions_forgotten, Optional(8));
  EXPECT_THAT(facts.expected_due, Optional(10));
  EXPECT_THAT(facts.expected_waiting, Optional(11));
  EXPECT_THAT(facts.expected_read_age_seconds, Optional(12));
  EXPECT_THAT(facts.expected_due_age_seconds, Optional(13));
  EXPECT_THAT(facts.clock_skew_seconds, Optional(9));
  EXPECT_EQ(facts.spool_records, std::nullopt);
}

TEST(InstanceFacts, ReadSpoolAndKafkaOfIngest) {
  const auto facts = ReadInstance("u",
                                  Answered(200,
                                           "# HELP x y\nsluice_ingest_in_flight 3\n"
                                           "sluice_ingest_kafka_up 0\n"
                                           "sluice_ingest_spool_records 12\n"
                                           "sluice_ingest_spool_bytes 5e3\n"
                                           "sluice_ingest_spool_oldest_age_seconds 61\n"
                                           "sluice_ingest_spool_refused_records 4\n"
                                           "sluice_ingest_attempts_left_seconds{provider=\"eid\"} "
                                           "60.5\n"),
                                  Answered(200, R"({"ready":true,"missing":[]})"));
  EXPECT_EQ(facts.kind, InstanceFacts::Kind::kIngest);
  EXPECT_TRUE(facts.is_ready);
  EXPECT_THAT(facts.missing, IsEmpty());
  EXPECT_THAT(facts.in_flight, Optional(3));
  EXPECT_THAT(facts.kafka_up, Optional(0));
  EXPECT_THAT(facts.spool_records, Optional(12));
  EXPECT_THAT(facts.spool_bytes, Optional(5000));
  EXPECT_THAT(facts.spool_oldest_seconds, Optional(61));
  EXPECT_THAT(facts.spool_refused_records, Optional(4)) << "not counted as waiting";
  EXPECT_THAT(facts.attempts_left_seconds, ElementsAre(Pair("eid", 60.5)));
}

TEST(InstanceFacts, KeepTheErrorIfTheInstanceDoesNotAnswer) {
  EXPECT_EQ(ReadInstance("u", {.status = 0, .body = {}, .error = "refused"}, {}).error, "refused");
  EXPECT_EQ(ReadInstance("u", Answered(404, kConsumer), {}).error, "/metrics returned 404");
  EXPECT_EQ(ReadInstance("u", Answered(200, "<html>\n"), {}).error,
            "this is not an admin port of Sluice");
}

TEST(InstanceFacts, AreNotReadyIfReadyzDoesNotAnswer) {
  EXPECT_FALSE(ReadInstance("u", Answered(200, kConsumer), {}).is_ready);
  const auto odd = ReadInstance("u", Answered(200, kConsumer), Answered(503, R"("missing":["a)"));
  EXPECT_THAT(odd.missing, IsEmpty());
}

}  // namespace
}  // namespace ctl
