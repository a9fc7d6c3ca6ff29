#include "ops/ctl/status/status_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ops/ctl/shell/output.h"

namespace ctl {
namespace {

using common::Offset;
using common::Partition;
using common::WallTime;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;
using namespace std::chrono_literals;

constexpr WallTime kNow{std::chrono::hours(24 * 20'000)};

std::vector<std::string> TroublesOf(const StatusFacts& facts) { return Judge(facts).troubles; }
std::string TextOf(const StatusFacts& facts) { return RenderStatus(facts, Judge(facts)); }
std::string JsonOf(const StatusFacts& facts) { return RenderStatusJson(facts, Judge(facts)); }

/// Two members, three partitions, no troubles.
StatusFacts Well() {
  KafkaFacts kafka;
  kafka.group = GroupFacts{
      .state = "Stable",
      .members = {
          {.name = "consumer-0-0", .host = "10.0.0.1", .partitions = {Partition(0), Partition(1)}},
          {.name = "consumer-1-0", .host = "10.0.0.2", .partitions = {Partition(2)}}}};
  for (const Partition partition : common::AllPartitions(3)) {
    kafka.partitions.push_back(
        {.partition = partition,
         .end = Offset(5),
         .committed = Offset(5),
         .rests_on = {.partitions = 3},
         .last_result = kNow - std::chrono::seconds(3 + partition.number())});
  }
  kafka.dead = DeadFacts{.total = 7, .last_hour = {}};
  kafka.transactions.emplace();
  kafka.topics.emplace();
  kafka.are_results_known = true;
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
  facts.lag = 0;
  facts.transactions_forgotten = 0;
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

TEST(Status, StartsWithOkIfAllIsWell) {
  StatusFacts facts = Well();
  facts.instances = {Consumer(), Ingest()};
  EXPECT_THAT(TroublesOf(facts), IsEmpty());
  EXPECT_EQ(TextOf(facts),
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

TEST(Status, StartsWithTroublesIfNotAllIsWell) {
  StatusFacts facts = Well();
  facts.kafka->group->members.pop_back();
  facts.kafka->dead->last_hour = {{"gone", 10}, {"malformed", 1}};
  facts.kafka->dead->is_exact = false;
  facts.kafka->transactions.reset();
  facts.kafka->unknown = {"open transactions: no answer"};
  facts.kafka->partitions[0].oldest = kNow - 61s;
  facts.kafka->partitions[0].lag = 1;
  const std::string text = TextOf(facts);
  EXPECT_THAT(text,
              StartsWith("NOT WELL\n"
                         "  nobody reads partition 2\n"
                         "  11 dead letters in the last hour: 10 gone, 1 malformed\n"
                         "  unknown: open transactions: no answer\n"
                         "  note: 1 callback waits, the oldest for 1m1s in partition 0, while "
                         "others get their results\n"
                         "\n"));
  EXPECT_THAT(text, HasSubstr("\n(nobody)      -         2           0        -\n"));
  EXPECT_THAT(text,
              HasSubstr("dead letters: at most 7, in the last hour 11, 10 gone, 1 malformed\n"));
}

TEST(Status, ToleratesSingleLettersAndWaitsBelowTheirThresholds) {
  StatusFacts facts = Well();
  facts.kafka->dead->last_hour = {{"malformed", 1}};
  EXPECT_THAT(
      TextOf(facts),
      StartsWith("ok: 2 members read 3 partitions, nothing waits, 1 dead letter in the last "
                 "hour\n  note: 1 dead letter in the last hour: 1 malformed\n"));
  EXPECT_EQ(ExitStatusOf(facts, Judge(facts)), 0);
  facts.kafka->dead->last_hour = {{"gone", 9}, {"malformed", 9}};
  EXPECT_THAT(TroublesOf(facts), IsEmpty());
  facts.kafka->dead->last_hour = {{"malformed", 10}};
  EXPECT_EQ(ExitStatusOf(facts, Judge(facts)), 3);
}

TEST(Status, ReportsGroupWithoutWorkingMembers) {
  StatusFacts facts = Well();
  facts.kafka->group->state = "PreparingRebalance";
  EXPECT_THAT(TroublesOf(facts), ElementsAre("the group sluice is not stable: PreparingRebalance"));
  facts.kafka->group = GroupFacts{.state = "Empty", .members = {}};
  EXPECT_THAT(TroublesOf(facts),
              ElementsAre("no consumer is in the group sluice: nobody handles callbacks"));
  EXPECT_EQ(ExitStatusOf(facts, Judge(facts)), 3);
}

TEST(Status, ReportsStalledPartitions) {
  StatusFacts facts = Well();
  PartitionFacts& young = facts.kafka->partitions[0];
  young.end = Offset(15);
  young.lag = 10;
  young.oldest = kNow - 59s;
  EXPECT_THAT(Judge(facts).remarks, IsEmpty());
  EXPECT_THAT(TextOf(facts), HasSubstr(", 10 in hand or waiting, "));
  PartitionFacts& old = facts.kafka->partitions[2];
  old.lag = 2;
  old.oldest = kNow - 125s;
  EXPECT_THAT(TroublesOf(facts), IsEmpty()) << "it had a result just now";
  EXPECT_THAT(Judge(facts).remarks,
              ElementsAre("2 callbacks wait, the oldest for 2m5s in partition 2, while others get "
                          "their results"));
  old.last_result = kNow - 60s;
  EXPECT_THAT(TroublesOf(facts),
              ElementsAre("2 callbacks wait, the oldest for 2m5s in partition 2"));
  EXPECT_THAT(TextOf(facts), HasSubstr("consumer-1-0  10.0.0.2  2           2        2m5s"));
  old.last_result.reset();
  EXPECT_THAT(TroublesOf(facts), testing::SizeIs(1)) << "or no known result";
  old.last_result = kNow;
  old.oldest = kNow - 1h;
  EXPECT_THAT(TroublesOf(facts),
              ElementsAre("2 callbacks wait, the oldest for 1h0m in partition 2"));
}

TEST(Status, ReportsReplacedLogs) {
  StatusFacts facts = Well();
  facts.kafka->partitions[1].end = Offset(3);
  facts.kafka->partitions[2].is_another_log = true;
  EXPECT_THAT(
      TroublesOf(facts),
      ElementsAre("partition 1: the log went back: it ends at offset 3, the group stands at 5",
                  "partition 2: the log is not the one that the group has read: callbacks "
                  "may be skipped"));
}

TEST(Status, ReportsCallbacksThatExpiredUnread) {
  StatusFacts facts = Well();
  facts.kafka->partitions[1].begin = Offset(9);
  facts.kafka->partitions[1].end = Offset(12);
  EXPECT_THAT(TroublesOf(facts), ElementsAre("partition 1: offsets 5 to 8 have expired unread"));
  facts.kafka->partitions[1].committed.reset();
  EXPECT_THAT(TroublesOf(facts), IsEmpty()) << "a group without offsets reads from the beginning";
}

TEST(Status, ReportsChangedPartitionCount) {
  StatusFacts facts = Well();
  for (PartitionFacts& partition : facts.kafka->partitions) partition.rests_on.partitions = 2;
  facts.kafka->partitions[2].rests_on.partitions.reset();
  EXPECT_THAT(TroublesOf(facts),
              ElementsAre("the group's offsets rest on 2 partitions of callbacks, which has 3: "
                          "redeliveries cannot be told from first deliveries"));
}

TEST(Status, ReportsOpenTransactionThatBlocksResults) {
  StatusFacts facts = Well();
  OpenTransaction open{.topic = "processes", .partition = Partition(1), .offset = Offset(17)};
  open.since = kNow - 500ms;
  facts.kafka->transactions = {open};
  EXPECT_TRUE(Judge(facts).remarks.empty() && TroublesOf(facts).empty())
      << "most transactions last this long";
  facts.kafka->transactions->at(0).since = kNow - 19s;
  EXPECT_THAT(Judge(facts).remarks,
              ElementsAre("a transaction is open on processes:1 from offset 17 on, since "
                          "2024-10-03T23:59:41.000Z"));
  EXPECT_THAT(TroublesOf(facts), IsEmpty()) << "its coordinator may still end it";
  open = {.topic = "seen", .partition = Partition(2), .offset = Offset(3), .seen_for = 20s};
  open.instance = "sluice.consumer-0-0";
  open.transaction = "812";
  facts.kafka->transactions = {open};
  EXPECT_THAT(TroublesOf(facts),
              ElementsAre("a transaction is open on seen:2 from offset 3 on, for at least 20s, of "
                          "sluice.consumer-0-0, its 812: it does not end by itself, and all "
                          "later records wait"));
  open = {
      .topic = "expected", .offset = Offset(3), .since = kNow - 299s, .is_of_announcements = true};
  facts.kafka->transactions = {open};
  EXPECT_THAT(TroublesOf(facts), IsEmpty()) << "an application may take that long";
  EXPECT_THAT(Judge(facts).remarks, testing::SizeIs(1));
  facts.kafka->transactions->at(0).since = kNow - 300s;
  EXPECT_THAT(TroublesOf(facts),
              ElementsAre(HasSubstr("expected:0 from offset 3 on, since 2024-10-03T23:55:00.000Z: "
                                    "consumer reads no later announcements")));
  facts = Well();
  facts.kafka->partitions[0].pending_for = 20s;
  EXPECT_THAT(TroublesOf(facts), ElementsAre("partition 0: an open transaction has held back the "
                                             "group's offset for at least 20s"));
}

TEST(Status, ReportsTopicDifferences) {
  using common::kafka::TopicFault;
  StatusFacts facts = Well();
  facts.kafka->topics = {{TopicFault::kReplication, "callbacks", "one copy only"}};
  EXPECT_EQ(ExitStatusOf(facts, Judge(facts)), 0);
  EXPECT_THAT(Judge(facts).remarks, ElementsAre("`sluicectl topics check` has 1 warning"));
  facts.kafka->topics->push_back({TopicFault::kNoPermission, "processes", "may not look"});
  EXPECT_THAT(Judge(facts).unknown, ElementsAre("may not look"));
  EXPECT_EQ(ExitStatusOf(facts, Judge(facts)), 1);
  facts.kafka->topics->push_back({TopicFault::kCompacted, "callbacks.seen", "compacted"});
  EXPECT_THAT(TroublesOf(facts), ElementsAre("compacted"));
  EXPECT_EQ(ExitStatusOf(facts, Judge(facts)), 3);
}

TEST(Status, IsNeverOkWithoutEvidence) {
  const auto unknown = [](auto change) {
    StatusFacts facts = Well();
    facts.instances = {Consumer()};
    change(facts);
    const StatusVerdict verdict = Judge(facts);
    EXPECT_THAT(RenderStatus(facts, verdict), StartsWith("UNKNOWN whether all is well\n"));
    EXPECT_THAT(RenderStatusJson(facts, verdict), StartsWith(R"({"ok":false,)"));
    EXPECT_EQ(ExitStatusOf(facts, verdict), 1);
    return testing::PrintToString(verdict.unknown);
  };
  EXPECT_THAT(unknown([](StatusFacts& facts) {
                facts.kafka->group.reset();
                facts.kafka->unknown = {"the members of the group: not allowed"};
              }),
              HasSubstr("not allowed"));
  EXPECT_THAT(unknown([](StatusFacts& facts) {
                facts.kafka->dead.reset();
                facts.kafka->unknown = {"dead letters: not allowed"};
              }),
              HasSubstr("dead letters"));
  EXPECT_THAT(unknown([](StatusFacts& facts) { facts.kafka->partitions[1].lag = 3; }),
              HasSubstr("the waiting time of callbacks in partition 1: they cannot be read"));
  EXPECT_THAT(unknown([](StatusFacts& facts) { facts.instances[0].lag.reset(); }),
              HasSubstr("http://c does not know its lag"));
  EXPECT_THAT(
      unknown([](StatusFacts& facts) { facts.instances[0].transactions_forgotten.reset(); }),
      HasSubstr("http://c does not know whether Kafka has forgotten to end a transaction"));
}

TEST(Status, ShowsMissingFactsAsUnknown) {
  StatusFacts facts = Well();
  facts.kafka->group.reset();
  facts.kafka->dead.reset();
  facts.kafka->are_results_known = false;
  for (PartitionFacts& partition : facts.kafka->partitions) partition.last_result.reset();
  facts.kafka->partitions[1].lag = 3;
  facts.instances = {Consumer(), Ingest()};
  facts.instances[0].pending.reset();
  facts.instances[0].oldest_pending_seconds.reset();
  facts.instances[0].breaker_open.reset();
  facts.instances[1].spool_records.reset();
  const std::string text = TextOf(facts);
  EXPECT_THAT(text, HasSubstr("\n?       ?     0-2         3        ?\n"));
  EXPECT_THAT(text,
              HasSubstr("\nhttp://c  consumer  ready  3 of 256   ?        ?       ?        -"));
  EXPECT_THAT(text,
              HasSubstr("\nhttp://i  ingest    ready  1          -        -       -        ?"));
  EXPECT_THAT(text, HasSubstr("\ndead letters: unknown\nlast result: unknown\n"));
  EXPECT_THAT(JsonOf(facts), AllOf(HasSubstr(R"("group":null)"), HasSubstr(R"("deadLetters":null)"),
                                   HasSubstr(R"("lastResult":null)")));
  facts.kafka->are_results_known = true;
  EXPECT_THAT(TextOf(facts), HasSubstr("last result: none\n"));
}

// A slow clock on this machine must not make waiting callbacks look younger.
TEST(Status, MeasuresAgesByTheLatestClock) {
  StatusFacts facts = Well();
  facts.kafka->partitions[0].last_result = kNow + 90s;
  facts.kafka->partitions[2].lag = 1;
  facts.kafka->partitions[2].oldest = kNow + 10s;
  EXPECT_THAT(TroublesOf(facts),
              ElementsAre("1 callback waits, the oldest for 1m20s in partition 2"));
  EXPECT_THAT(Judge(facts).remarks,
              ElementsAre("the clock of this machine is at least 1m30s behind "
                          "those of the brokers"));
  EXPECT_THAT(TextOf(facts), HasSubstr("last result: 0s ago\n"));
}

TEST(Status, ReportsUnopenedSpoolAndUnknownCount) {
  StatusFacts facts = Well();
  facts.instances = {Consumer(), Ingest()};
  InstanceFacts& ingest = facts.instances[1];
  ingest.spool_open = 0;
  ingest.spool_limit_bytes = 0;
  EXPECT_THAT(TroublesOf(facts), IsEmpty()) << "without a spool";
  ingest.spool_limit_bytes = 1024;
  ingest.spool_records.reset();
  EXPECT_THAT(TroublesOf(facts), ElementsAre("http://i: its spool cannot be opened"));
  ingest.spool_open = 1;
  EXPECT_THAT(TroublesOf(facts), IsEmpty());
  EXPECT_THAT(TextOf(facts), HasSubstr("http://i does not know yet what is in its spool"));
}

TEST(Status, ReportsAcknowledgedCallbacksThatKafkaRefuses) {
  StatusFacts facts = Well();
  facts.instances = {Ingest(), Ingest()};
  facts.instances[0].spool_refused_records = 0;
  EXPECT_THAT(TroublesOf(facts), IsEmpty());
  facts.instances[1].spool_refused_records = 3;
  const std::string trouble =
      "http://i: 3 callbacks beside its spool that Kafka refuses: see `sluicectl spool list`";
  EXPECT_THAT(TroublesOf(facts), ElementsAre(trouble));
  EXPECT_THAT(TextOf(facts), StartsWith("NOT WELL\n  " + trouble + "\n"));
  EXPECT_EQ(ExitStatusOf(facts, Judge(facts)), 3);
  EXPECT_THAT(JsonOf(facts),
              AllOf(StartsWith(R"({"ok":false,)"), HasSubstr(R"("spoolRefusedRecords":0)"),
                    HasSubstr(R"("spoolRefusedRecords":3)")));
}

TEST(Status, ReportsTroublesOfInstances) {
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
      TroublesOf(facts),
      ElementsAre("http://c: its circuit breaker is open: the Assure API fails",
                  "http://i: 1 callback in its spool, the oldest for 1h1m",
                  "http://i: is not ready: kafka, spool",
                  "http://i: Kafka does not take its records", "http://x: no answer: refused"));
  const std::string text = TextOf(facts);
  EXPECT_THAT(text, HasSubstr("\nhttp://i  ingest    NOT READY  1 "));
  EXPECT_THAT(text, HasSubstr("\nhttp://x  ?         no answer  ? "));
}

TEST(Status, SaysWhichAccountIsAway) {
  StatusFacts facts = Well();
  facts.instances = {Consumer()};
  facts.instances[0].breaker_open = 1;
  facts.instances[0].account_breaker_open = {{"acme", 1}, {"assure", 0}};
  facts.instances[0].account_pending = {{"acme", 12'500}, {"assure", 3}};
  facts.instances[0].account_passed_over = {{"acme", 400}, {"assure", 0}};
  EXPECT_THAT(TroublesOf(facts),
              ElementsAre("http://c: the account acme is away: its circuit breaker is open (12500 "
                          "callbacks in hand, 400 callbacks left in Kafka)"));
  EXPECT_THAT(JsonOf(facts),
              HasSubstr(R"("accounts":[{"name":"acme","breakerOpen":true,"pending":12500,)"
                        R"("passedOver":400},{"name":"assure","breakerOpen":false,"pending":3,)"
                        R"("passedOver":0}])"));
}

TEST(Status, ReportsIncidentsSinceTheStartOfInstances) {
  StatusFacts facts = Well();
  facts.instances = {Consumer(), Consumer()};
  facts.instances[0].set_aside = 2;
  facts.instances[0].expired_unread = 7;
  facts.instances[0].transactions_forgotten = 1;
  facts.instances[1].log_went_back = 2;
  facts.instances[1].clock_skew_seconds = 4.9;
  EXPECT_THAT(TroublesOf(facts),
              ElementsAre("http://c: 2 callbacks set aside: a topic refuses what they write",
                          "http://c: since its start 7 callbacks expired before it read them",
                          "http://c: on 1 partition Kafka has forgotten to end a transaction"));
  EXPECT_THAT(Judge(facts).remarks,
              ElementsAre("http://c: since its start a log went back 2 times"));
  facts.instances[1].clock_skew_seconds = 65;
  EXPECT_THAT(Judge(facts).remarks,
              testing::Contains("http://c: the clock of an ingest is 1m5s ahead of its own"));
}

TEST(Status, TellsWhetherAnnouncementsAreRead) {
  StatusFacts facts = Well();
  facts.instances = {Consumer(), Consumer()};
  EXPECT_THAT(TextOf(facts), Not(HasSubstr("announced processes")));
  for (InstanceFacts& instance : facts.instances) {
    instance.expected_waiting = 5;
    instance.expected_due = 1;
    instance.expected_read_age_seconds = 2;
    instance.expected_due_age_seconds = 0;
  }
  EXPECT_THAT(TroublesOf(facts), IsEmpty());
  EXPECT_THAT(TextOf(facts),
              HasSubstr("announced processes: 12 without a callback, 2 to be asked for now\n"));
  facts.instances[1].expected_waiting.reset();
  facts.instances[1].expected_due.reset();
  EXPECT_THAT(TroublesOf(facts), IsEmpty());
  EXPECT_THAT(Judge(facts).unknown, ElementsAre("http://c has not read all announcements yet"));
  EXPECT_THAT(TextOf(facts), HasSubstr("announced processes: unknown\n"));
  facts.instances[1].expected_read_age_seconds = 300;
  facts.instances[0].expected_due_age_seconds = 1'800;
  EXPECT_THAT(TroublesOf(facts),
              ElementsAre("http://c: was to ask the API for an announced process 30m0s ago",
                          "http://c: has not read all announcements for 5m0s: its log says why "
                          "(expected.unread)"));
  EXPECT_THAT(JsonOf(facts), HasSubstr(R"("expectedWaiting":5,"expectedDue":1,)"
                                       R"("expectedReadAgeSeconds":2,)"
                                       R"("expectedDueAgeSeconds":1800)"));
}

TEST(Status, ShowsInstancesIfKafkaDoesNotAnswer) {
  StatusFacts facts;
  facts.kafka_error = "no broker answers";
  facts.instances = {Consumer()};
  EXPECT_THAT(TextOf(facts), StartsWith("NOT WELL\n  Kafka: no broker answers\n\nINSTANCE "));
  EXPECT_THAT(JsonOf(facts), HasSubstr(R"("kafka":null,"instances":[{"url":"http://c")"));
  EXPECT_EQ(ExitStatusOf(facts, Judge(facts)), 1);
}

TEST(Status, RendersOneLineOfJson) {
  StatusFacts facts = Well();
  facts.kafka->partitions.pop_back();
  facts.kafka->group->members.pop_back();
  PartitionFacts& first = facts.kafka->partitions[0];
  first.rests_on.partitions = 2;
  first.last_result.reset();
  PartitionFacts& second = facts.kafka->partitions[1];
  second.rests_on.partitions.reset();
  second.committed.reset();
  second.lag = 5;
  second.oldest = kNow;
  facts.kafka->transactions = {
      {.topic = "seen", .partition = Partition(2), .offset = Offset(3), .seen_for = 2s}};
  facts.kafka->topics = {{common::kafka::TopicFault::kReplication, "callbacks", "one copy"}};
  facts.kafka->dead->last_hour = {{"gone", 1}};
  facts.instances = {Consumer()};
  EXPECT_EQ(
      JsonOf(facts),
      R"({"ok":true,"time":"2024-10-04T00:00:00.000Z","troubles":[],"unknown":[],"remarks":[)"
      R"("a transaction is open on seen:2 from offset 3 on, for at least 2s","`sluicectl topics check` has 1 warning",)"
      R"("1 dead letter in the last hour: 1 gone"],"kafka":{"group":{"name":"sluice",)"
      R"("state":"Stable","members":[{"name":"consumer-0-0","host":"10.0.0.1","partitions":[0,1],"lag":5}],)"
      R"("unreadPartitions":[]},"lag":5,"partitions":[)"
      R"({"partition":0,"committed":5,"begin":0,"end":5,"lag":0,"oldest":null,"lastResult":null,)"
      R"("wentBack":false,"expiredUnread":0,"restsOnPartitions":2},)"
      R"({"partition":1,"begin":0,"end":5,"lag":5,"oldest":"2024-10-04T00:00:00.000Z",)"
      R"("lastResult":"2024-10-03T23:59:56.000Z","wentBack":false,"expiredUnread":0}],)"
      R"("transactions":[{"topic":"seen","partition":2,"offset":3,"since":null,"seenForMs":2000}],)"
      R"("topics":[{"fault":"replication","topic":"callbacks","refused":false,"text":"one copy"}],)"
      R"("deadLetters":{"total":7,"isExact":true,"lastHour":1,"lastHourByReason":{"gone":1}},)"
      R"("lastResult":"2024-10-03T23:59:56.000Z"},"instances":[{"url":"http://c","kind":"consumer",)"
      R"("ready":true,"missing":[],"inFlight":3,"pending":12,"oldestPendingSeconds":2,)"
      R"("concurrencyLimit":256,"restoring":0,"lag":0,"transactionsForgotten":0,"breakerOpen":false}]})"
      "\n");
}

TEST(Status, AbbreviatesAgesAndPartitionRanges) {
  EXPECT_EQ(RenderAge(-5s), "0s");
  EXPECT_EQ(RenderAge(59'999ms), "59s");
  EXPECT_EQ(RenderAge(60s), "1m0s");
  EXPECT_EQ(RenderAge(2h + 59s), "2h0m");
  EXPECT_EQ(RenderAge(51h), "2d3h");
  const auto rendered = [](const std::vector<std::int32_t>& numbers) {
    return RenderPartitions({numbers.begin(), numbers.end()});
  };
  EXPECT_EQ(RenderPartitions({}), "none");
  EXPECT_EQ(RenderPartitions({Partition(7)}), "7");
  EXPECT_EQ(rendered({0, 1, 2, 5, 7, 8}), "0-2 5 7-8");
}

TEST(Status, EscapesControlCharacters) {
  StatusFacts facts = Well();
  facts.kafka->group->members[0].name = "a\x1b[2J";
  EXPECT_THAT(TextOf(facts), testing::Not(HasSubstr("\x1b")));
}

TEST(StatusRates, CountAppendedAndHandledCallbacks) {
  const KafkaFacts before = *Well().kafka;
  KafkaFacts after = before;
  after.partitions[0].end = after.partitions[0].end + 50;
  after.partitions[2].end = after.partitions[2].end + 10;
  after.partitions[0].committed = Offset(5) + 20;
  const auto rates = RatesBetween(before, after, 2s);
  ASSERT_TRUE(rates);
  EXPECT_EQ(rates->in, 30);
  EXPECT_EQ(rates->handled, 10);
  StatusFacts facts = Well();
  facts.rates = rates;
  EXPECT_THAT(TextOf(facts), HasSubstr("\ncallbacks: 30/s come in, 10/s are handled\n"));
  EXPECT_THAT(JsonOf(facts), HasSubstr(R"("rates":{"inPerMinute":1800,"handledPerMinute":600})"));
}

TEST(StatusRates, AreUnknownIfALogOrAnOffsetWentBack) {
  const KafkaFacts before = *Well().kafka;
  KafkaFacts shorter = before;
  shorter.partitions[1].end = Offset(4);
  EXPECT_FALSE(RatesBetween(before, shorter, 2s));
  KafkaFacts reset = before;
  reset.partitions[1].committed = Offset(4);
  EXPECT_FALSE(RatesBetween(before, reset, 2s));
  KafkaFacts uncommitted = before;
  uncommitted.partitions[1].committed.reset();
  EXPECT_FALSE(RatesBetween(before, uncommitted, 2s));
  KafkaFacts more = before;
  more.partitions.push_back({.partition = Partition(3)});
  EXPECT_FALSE(RatesBetween(before, more, 2s));
  EXPECT_FALSE(RatesBetween(before, before, 0s));
  EXPECT_THAT(JsonOf(Well()), testing::Not(HasSubstr("rates")));
}

}  // namespace
}  // namespace ctl
