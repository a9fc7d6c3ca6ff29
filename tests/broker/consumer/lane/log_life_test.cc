// An offset is meaningful only within one life of a log.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <memory>
#include <stop_token>
#include <string>
#include <thread>

#include "tests/broker/consumer/lane/consumer_run.h"
#include "tests/harness/broker.h"
#include "tests/support/kafka_calls.h"

namespace consumer {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::Pair;

/// Deliveries of the facts from `first` on.
std::vector<tests::Record> Facts(int first, int count) {
  std::vector<tests::Record> facts;
  for (int i = 0; i < count; ++i) facts.push_back(ConsumerRun::Delivery(first + i));
  return facts;
}

class LogLife : public ::testing::Test {
 protected:
  static constexpr int kPartitions = 4;
  ConsumerRun run{tests::Broker::Shared().bootstrap(), kPartitions};

  void Produce(const std::vector<tests::Record>& records) {
    run.kafka().Produce(run.topics().callbacks, records);
  }
  void Recreate() {
    run.kafka().RecreateTopic(run.topics().callbacks,
                              {kPartitions, 1, {{"min.insync.replicas", "1"}}});
  }
  /// Waits until the instance has published that many facts in all, each once, and committed them.
  void ExpectPublishedOnce(std::size_t facts, milliseconds limit, tests::Process& instance) {
    EXPECT_TRUE(run.PublishedWithin(facts, limit))
        << run.Counts(run.topics().processes).size() << " of " << facts << "; "
        << instance.Describe();
    EXPECT_THAT(run.Counts(run.topics().processes), Each(Pair(::testing::_, 1)));
  }
  static std::string Metrics(tests::Process& instance) {
    return tests::Get(ConsumerRun::AdminUrl(instance, "/metrics")).body;
  }
  /// The value of a series without labels; -1 if absent.
  static int Shown(tests::Process& instance, const std::string& series) {
    const std::string metrics = Metrics(instance);
    const std::size_t line = metrics.find("\n" + series + " ");
    return line == std::string::npos ? -1 : std::atoi(metrics.c_str() + line + series.size() + 2);
  }
  static bool ShowsWithin(tests::Process& instance, const std::string& series, milliseconds limit) {
    return tests::WaitUntil([&] { return Metrics(instance).find(series) != std::string::npos; },
                            limit, milliseconds(200));
  }
};

TEST_F(LogLife, ReadsTopicRecreatedWhileRunning) {
  const auto instance = run.Start("a");
  Produce(Facts(0, 100));
  ASSERT_TRUE(run.PublishedWithin(100, seconds(60))) << instance->Describe();
  Recreate();
  Produce(Facts(100, 60));
  ExpectPublishedOnce(160, seconds(30), *instance);
  EXPECT_TRUE(ShowsWithin(*instance, "sluice_consumer_lag 0", seconds(20)));
}

TEST_F(LogLife, ReadsRecreatedTopicThatGrowsPastPosition) {
  const auto instance = run.Start("a");
  Produce(Facts(0, 100));
  ASSERT_TRUE(run.PublishedWithin(100, seconds(60))) << instance->Describe();
  Recreate();
  Produce(Facts(100, 1'000));
  ExpectPublishedOnce(1'100, seconds(60), *instance);
}

TEST_F(LogLife, ReadsTopicRecreatedWhileStopped) {
  for (const int fresh : {20, 1'000}) {  // fewer than before, and more
    SCOPED_TRACE(fresh);
    const std::size_t before = run.Counts(run.topics().processes).size();
    {
      const auto instance = run.Start("a");
      Produce(Facts(static_cast<int>(before), 100));
      ASSERT_TRUE(run.PublishedWithin(before + 100, seconds(60))) << instance->Describe();
      EXPECT_EQ(instance->Terminate(seconds(15)), 0);
    }
    Recreate();
    Produce(Facts(static_cast<int>(before) + 100, fresh));
    const auto instance = run.Start("a");
    ExpectPublishedOnce(before + 100 + static_cast<std::size_t>(fresh), seconds(40), *instance);
    EXPECT_EQ(instance->Terminate(seconds(15)), 0);
  }
}

TEST_F(LogLife, CountsCallbacksExpiredUnreadWhileStopped) {
  {
    const auto instance = run.Start("a");
    Produce(Facts(0, 100));
    ASSERT_TRUE(run.PublishedWithin(100, seconds(60))) << instance->Describe();
    EXPECT_EQ(instance->Terminate(seconds(15)), 0);
  }
  const std::int64_t next = run.kafka().HighWatermark(run.topics().callbacks, 0);
  std::vector<tests::Record> unread = Facts(100, 10);
  for (tests::Record& record : unread) record.partition = 0;
  Produce(unread);
  run.kafka().DeleteRecords(run.topics().callbacks, 0, next + 7);
  for (int life = 0; life < 2; ++life) {
    SCOPED_TRACE(life);
    const auto instance = run.Start("a");
    ExpectPublishedOnce(103, seconds(40), *instance);
    EXPECT_TRUE(ShowsWithin(*instance, "sluice_consumer_lag 0", seconds(20)));
    EXPECT_THAT(Metrics(*instance),
                HasSubstr(life == 0 ? "sluice_consumer_expired_unread_total 7\n"
                                    : "sluice_consumer_expired_unread_total 0\n"))
        << instance->Describe();
    EXPECT_EQ(instance->Terminate(seconds(15)), 0);
  }
}

TEST_F(LogLife, CountsCallbacksExpiredUnreadWhileBreakerIsOpen) {
  const auto instance = run.Start("a", "fetch: { breaker: { failures: 1, probe_every: 60s } }");
  Produce(Facts(0, 1));
  ASSERT_TRUE(run.PublishedWithin(1, seconds(30))) << instance->Describe();
  run.SetApiBehaviour(R"({"down":true})");
  Produce(Facts(1, 1));
  ASSERT_TRUE(instance->WaitForOutput("breaker.opened", seconds(30))) << instance->Describe();
  std::vector<tests::Record> unread = Facts(100, 10);
  const std::int32_t partition = 1;
  const std::int64_t next = run.kafka().HighWatermark(run.topics().callbacks, partition);
  for (tests::Record& record : unread) record.partition = partition;
  Produce(unread);
  run.kafka().DeleteRecords(run.topics().callbacks, partition, next + 7);
  // The breaker also probes with a fresh callback, which may have been read before it was deleted.
  EXPECT_TRUE(tests::WaitUntil(
      [&] {
        const int read = Shown(*instance, "sluice_consumer_pending") - 1;
        return Shown(*instance, "sluice_consumer_expired_unread_total") == 7 - read;
      },
      seconds(30), milliseconds(200)))
      << Metrics(*instance);
}

TEST_F(LogLife, DoesNotCountControlRecordsAsLag) {
  const auto instance = run.Start("a");
  Produce(Facts(0, 10));
  ASSERT_TRUE(run.PublishedWithin(10, seconds(60))) << instance->Describe();
  run.kafka().ProduceInTransaction(run.topics().callbacks, Facts(10, 40));
  ASSERT_TRUE(run.PublishedWithin(50, seconds(30))) << instance->Describe();
  EXPECT_TRUE(ShowsWithin(*instance, "sluice_consumer_lag 0\n", seconds(20))) << Metrics(*instance);
  EXPECT_THAT(Metrics(*instance),
              HasSubstr("sluice_consumer_watchdog_actions_total{action=\"seek\"} 0"));
  std::int64_t ends = 0;
  for (int i = 0; i < kPartitions; ++i) {
    ends += run.kafka().HighWatermark(run.topics().callbacks, i);
  }
  EXPECT_TRUE(tests::WaitUntil([&] { return run.Committed() == ends; }, seconds(20)))
      << run.Committed() << " of " << ends;
}

/// A static member that accepts its assignment and does not leave the group when it ends.
class RawMember {
 public:
  RawMember(const std::string& bootstrap, const std::string& group, const std::string& name,
            const std::string& topic)
      : client_(tests::MakeHandle(RD_KAFKA_CONSUMER, bootstrap,
                                  {{"group.id", group},
                                   {"group.instance.id", name},
                                   {"partition.assignment.strategy", "range"},
                                   {"heartbeat.interval.ms", "500"},
                                   {"session.timeout.ms", "30000"}})) {
    const common::kafka::PartitionList topics(rd_kafka_topic_partition_list_new(1));
    rd_kafka_topic_partition_list_add(topics.get(), topic.c_str(), RD_KAFKA_PARTITION_UA);
    tests::Check(rd_kafka_subscribe(client_.get(), topics.get()), "subscribe");
  }
  ~RawMember() { rd_kafka_destroy_flags(client_.release(), RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE); }
  RawMember(const RawMember&) = delete;
  RawMember& operator=(const RawMember&) = delete;

  void Poll() { const common::kafka::Message message(rd_kafka_consumer_poll(client_.get(), 20)); }
  [[nodiscard]] int assigned() const {
    rd_kafka_topic_partition_list_t* list = nullptr;
    tests::Check(rd_kafka_assignment(client_.get(), &list), "assignment");
    return common::kafka::PartitionList(list)->cnt;
  }
  [[nodiscard]] bool IsInGroup() const {
    const std::unique_ptr<char, decltype(&std::free)> id(rd_kafka_memberid(client_.get()),
                                                         &std::free);
    return id && *id != '\0';
  }

 private:
  common::kafka::Handle client_;
};

// The group gives a static member its former partitions back. If it had none, because the member
// that computed the assignment did not know the topic, it gets none for ever.
TEST_F(LogLife, IsReadByMemberThatGroupAssignsNothing) {
  const std::string& bootstrap = tests::Broker::Shared().bootstrap();
  const std::string other_topic = run.kafka().CreateUniqueTopic("other");
  RawMember other(bootstrap, run.group(), "A-" + run.group(), other_topic);
  {
    RawMember predecessor(bootstrap, run.group(), run.group() + "-a-0", other_topic);
    ASSERT_TRUE(tests::WaitUntil(
        [&] {
          other.Poll();
          predecessor.Poll();
          return other.assigned() == 1 && predecessor.IsInGroup() && predecessor.assigned() == 0;
        },
        seconds(60)));
  }
  const std::jthread polling([&](const std::stop_token& stop) {
    while (!stop.stop_requested()) other.Poll();
  });
  const auto instance = run.Start("a");
  ASSERT_TRUE(instance->WaitForOutput("lane.assigned", seconds(30))) << instance->Describe();
  EXPECT_THAT(instance->StandardError(), HasSubstr(R"("lane":0,"partitions":0)"));
  Produce(Facts(0, 60));
  EXPECT_TRUE(instance->WaitForOutput("partitions.unread", seconds(30))) << instance->Describe();
  ExpectPublishedOnce(60, seconds(60), *instance);
  EXPECT_TRUE(ShowsWithin(*instance, "sluice_consumer_lag 0\n", seconds(30))) << Metrics(*instance);
  EXPECT_TRUE(ConsumerRun::IsReady(*instance));
}

TEST_F(LogLife, HoldsIntakeWhenPartitionsAreAdded) {
  const auto instance = run.Start("a");
  Produce(Facts(0, 100));
  ASSERT_TRUE(run.PublishedWithin(100, seconds(60))) << instance->Describe();
  for (const std::string& topic :
       {run.topics().callbacks, run.topics().seen, run.topics().processes}) {
    run.kafka().AddPartitions(topic, kPartitions + 2);
  }
  const auto is_refused = [&] {
    return tests::Get(ConsumerRun::AdminUrl(*instance, "/readyz")).body.find("topics") !=
           std::string::npos;
  };
  ASSERT_TRUE(tests::WaitUntil(is_refused, seconds(30))) << instance->Describe();
  EXPECT_THAT(instance->StandardError(), HasSubstr("topic.refused"));
  Produce(Facts(0, 100));  // Redeliveries: most keys have moved.
  EXPECT_EQ(instance->Terminate(seconds(15)), 0);
  const auto again = run.Start("a");
  ASSERT_TRUE(again->WaitForOutput("topic.refused", seconds(30))) << again->Describe();
  EXPECT_FALSE(ConsumerRun::IsReady(*again));
  EXPECT_THAT(run.Counts(run.topics().processes), Each(Pair(::testing::_, 1)));
}

}  // namespace
}  // namespace consumer
