#include "ops/ctl/status_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ctl {
namespace {

using common::WallTime;
using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

constexpr WallTime kNow{std::chrono::hours(24 * 20'000)};

/// Two members, three partitions, nothing to complain of.
StatusFacts Well() {
  KafkaFacts kafka;
  kafka.group = {.state = "Stable",
                 .members = {{.name = "consumer-0-0", .host = "10.0.0.1", .partitions = {0, 1}},
                             {.name = "consumer-1-0", .host = "10.0.0.2", .partitions = {2}}}};
  for (const std::int32_t partition : {0, 1, 2}) {
    kafka.partitions.push_back(
        {.partition = partition, .committed = 5, .end = 5, .lag = 0, .oldest = {}});
  }
  kafka.dead.total = 7;
  kafka.last_result = kNow - 3s;
  StatusFacts facts;
  facts.now = kNow;
  facts.group = "sluice";
  facts.kafka = kafka;
  return facts;
}

InstanceFacts Consumer() {
  InstanceFacts facts;
  facts.url = "http://c";
  facts.kind = InstanceFacts::Kind::kConsumer;
  facts.is_ready = true;
  facts.in_flight = 3;
  facts.concurrency_limit = 256;
  facts.pending = 12;
  facts.oldest_pending_seconds = 2.4;
  facts.breaker_open = 0;
  facts.restoring = 0;
  return facts;
}

InstanceFacts Ingest() {
  InstanceFacts facts;
  facts.url = "http://i";
  facts.kind = InstanceFacts::Kind::kIngest;
  facts.is_ready = true;
  facts.in_flight = 1;
  facts.kafka_up = 1;
  facts.spool_records = 0;
  facts.spool_oldest_seconds = 0;
  return facts;
}

TEST(Status, SaysFirstThatAllIsWell) {
  StatusFacts facts = Well();
  facts.instances = {Consumer(), Ingest()};
  EXPECT_THAT(FindTroubles(facts), IsEmpty());
  EXPECT_EQ(RenderStatus(facts),
            "ok: 2 members read 3 partitions, nothing waits, no dead letter in the last hour\n"
            "\n"
            "MEMBER        HOST      PARTITIONS  WAITING  OLDEST\n"
            "consumer-0-0  10.0.0.1  0-1         0        -\n"
            "consumer-1-0  10.0.0.2  2           0        -\n"
            "\n"
            "INSTANCE  KIND      STATE  IN FLIGHT  PENDING  OLDEST  BREAKER  SPOOLED  OLDEST\n"
            "http://c  consumer  ready  3 of 256   12       2s      closed   -        -\n"
            "http://i  ingest    ready  1          -        -       -        0        -\n"
            "\n"
            "dead letters: 7, in the last hour 0\n"
            "last result: 3s ago\n");
}

TEST(Status, SaysFirstWhatIsNotWell) {
  StatusFacts facts = Well();
  facts.kafka->group.members.pop_back();
  facts.kafka->dead.last_hour = {{"gone", 3}, {"malformed", 1}};
  facts.kafka->dead.is_exact = false;
  const std::string text = RenderStatus(facts);
  EXPECT_THAT(text, StartsWith("NOT WELL\n"
                               "  nobody reads partition 2\n"
                               "  4 dead letters in the last hour: 3 gone, 1 malformed\n"
                               "\n"));
  EXPECT_THAT(text, HasSubstr("\n(nobody)      -         2           0        -\n"));
  EXPECT_THAT(text,
              HasSubstr("dead letters: at most 7, in the last hour 4, 3 gone, 1 malformed\n"));
}

TEST(Status, ComplainsOfAGroupThatDoesNotWork) {
  StatusFacts facts = Well();
  facts.kafka->group.state = "PreparingRebalance";
  EXPECT_THAT(FindTroubles(facts),
              ElementsAre("the group sluice is not stable: PreparingRebalance"));
  facts.kafka->group = {.state = "Empty", .members = {}};
  EXPECT_THAT(FindTroubles(facts),
              ElementsAre("no consumer is in the group sluice: nobody handles callbacks"));
}

TEST(Status, ComplainsOfCallbacksThatWaitForLong) {
  StatusFacts facts = Well();
  facts.kafka->partitions[0] = {
      .partition = 0, .committed = 5, .end = 15, .lag = 10, .oldest = kNow - 59s};
  EXPECT_THAT(FindTroubles(facts), IsEmpty());
  EXPECT_THAT(RenderStatus(facts), HasSubstr(", 10 in hand or waiting, "));
  facts.kafka->partitions[2] = {
      .partition = 2, .committed = 5, .end = 7, .lag = 2, .oldest = kNow - 125s};
  EXPECT_THAT(FindTroubles(facts),
              ElementsAre("12 callbacks wait, the oldest for 2m5s in partition 2"));
  EXPECT_THAT(RenderStatus(facts), HasSubstr("consumer-1-0  10.0.0.2  2           2        2m5s"));
}

TEST(Status, ComplainsOfInstances) {
  StatusFacts facts = Well();
  facts.instances = {Consumer(), Ingest(), Ingest(), {}};
  facts.instances[0].breaker_open = 1;
  facts.instances[1].spool_records = 1;
  facts.instances[1].spool_oldest_seconds = 3700;
  facts.instances[2].is_ready = false;
  facts.instances[2].missing = {"kafka", "spool"};
  facts.instances[2].kafka_up = 0;
  facts.instances[3].url = "http://x";
  facts.instances[3].error = "refused";
  EXPECT_THAT(
      FindTroubles(facts),
      ElementsAre("http://c: its circuit breaker is open: the Assure API fails",
                  "http://i: 1 callback in its spool, the oldest for 1h1m",
                  "http://i: is not ready: kafka, spool",
                  "http://i: Kafka does not take its records", "http://x: no answer: refused"));
  const std::string text = RenderStatus(facts);
  EXPECT_THAT(text, HasSubstr("\nhttp://i  ingest    NOT READY  1 "));
  EXPECT_THAT(text, HasSubstr("\nhttp://x  ?         no answer  - "));
}

TEST(Status, ShowsInstancesThoughKafkaDoesNotAnswer) {
  StatusFacts facts;
  facts.kafka_error = "no broker answers";
  facts.instances = {Consumer()};
  EXPECT_THAT(RenderStatus(facts), StartsWith("NOT WELL\n  Kafka: no broker answers\n\nINSTANCE "));
  EXPECT_THAT(RenderStatusJson(facts), HasSubstr(R"("kafka":null,"instances":[{"url":"http://c")"));
}

TEST(Status, IsOneLineOfJson) {
  StatusFacts facts = Well();
  facts.kafka->partitions[1].committed.reset();
  facts.kafka->partitions[1].lag = 5;
  facts.kafka->partitions[1].oldest = kNow;
  facts.instances = {Consumer()};
  EXPECT_EQ(
      RenderStatusJson(facts),
      R"({"ok":true,"time":"2024-10-04T00:00:00.000Z","troubles":[],"kafka":{"group":{"name":"sluice",)"
      R"("state":"Stable","members":[{"name":"consumer-0-0","host":"10.0.0.1","partitions":[0,1],"lag":5},)"
      R"({"name":"consumer-1-0","host":"10.0.0.2","partitions":[2],"lag":0}]},"lag":5,"partitions":[)"
      R"({"partition":0,"committed":5,"end":5,"lag":0,"oldest":null},)"
      R"({"partition":1,"end":5,"lag":5,"oldest":"2024-10-04T00:00:00.000Z"},)"
      R"({"partition":2,"committed":5,"end":5,"lag":0,"oldest":null}],)"
      R"("deadLetters":{"total":7,"isExact":true,"lastHour":0,"lastHourByReason":{}},)"
      R"("lastResult":"2024-10-03T23:59:57.000Z"},"instances":[{"url":"http://c","kind":"consumer",)"
      R"("ready":true,"missing":[],"inFlight":3,"pending":12,"oldestPendingSeconds":2,)"
      R"("concurrencyLimit":256,"restoring":0,"breakerOpen":false}]})"
      "\n");
}

TEST(Status, WritesAgesAndPartitionsShort) {
  EXPECT_EQ(RenderAge(-5s), "0s");
  EXPECT_EQ(RenderAge(59'999ms), "59s");
  EXPECT_EQ(RenderAge(60s), "1m0s");
  EXPECT_EQ(RenderAge(2h + 59s), "2h0m");
  EXPECT_EQ(RenderAge(51h), "2d3h");
  EXPECT_EQ(RenderPartitions({}), "none");
  EXPECT_EQ(RenderPartitions({7}), "7");
  EXPECT_EQ(RenderPartitions({0, 1, 2, 5, 7, 8}), "0-2 5 7-8");
}

TEST(Status, ShowsNoControlCharactersOfOthers) {
  StatusFacts facts = Well();
  facts.kafka->group.members[0].name = "a\x1b[2J";
  EXPECT_THAT(RenderStatus(facts), testing::Not(HasSubstr("\x1b")));
}

}  // namespace
}  // namespace ctl
