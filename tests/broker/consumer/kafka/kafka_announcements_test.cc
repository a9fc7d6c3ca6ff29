#include "consumer/kafka/kafka_announcements.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <stdexcept>
#include <string>
#include <variant>
#include <vector>

#include "common/domain/key_partition.h"
#include "tests/broker/consumer/kafka/consumer_bench.h"
#include "tests/broker/ingest/cluster_admin.h"
#include "tests/harness/broker.h"

namespace consumer {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class KafkaAnnouncementsTest : public ::testing::Test {
 protected:
  explicit KafkaAnnouncementsTest(const tests::Broker& broker = tests::Broker::Shared())
      : bench(2, broker) {
    Open(1);
  }
  static constexpr KafkaAnnouncements::Timing kQuick{.read_every = milliseconds(50),
                                                     .check_every = milliseconds(200),
                                                     .look_up = milliseconds(3'000),
                                                     .unread_after = milliseconds(1'000)};
  void Open(int partitions, KafkaAnnouncements::Timing timing = kQuick, seconds reach = hours(24)) {
    ClientSettings settings = bench.Settings("a");
    settings.topics.expected =
        bench.kafka().CreateUniqueTopic("expected", {.partitions = partitions});
    topic = settings.topics.expected;
    announcements.reset();
    auto created = KafkaAnnouncements::Create(std::move(settings), reach, providers, log, timing);
    announcements = *std::move(created);
  }

  static tests::Record RecordOf(const std::string& process, std::int32_t partition = 0,
                                const std::string& provider = "onfido") {
    return {.key = process,
            .value = R"({"dossierId":"d","processId":")" + process + R"(","provider":")" +
                     provider + "\"}",
            .partition = partition};
  }
  void Announce(const std::string& process, std::int32_t partition = 0,
                const std::string& provider = "onfido") {
    bench.kafka().Produce(topic, {RecordOf(process, partition, provider)});
  }
  /// "p1 old", "p2", "forget p3", in order of arrival.
  bool Await(std::size_t count) {
    return tests::WaitUntil([&] { return TakeAll() >= count; }, seconds(20));
  }
  /// Until all was read that is on the topic by now.
  bool AwaitRead() {
    const auto now = std::chrono::steady_clock::now();
    return tests::WaitUntil(
        [&] {
          TakeAll();
          return read_until > now;
        },
        seconds(20));
  }
  std::size_t TakeAll() {
    for (const AnnouncementNews& news : announcements->Take(100)) {
      if (const auto* one = std::get_if<Announcement>(&news)) {
        taken.push_back((one->expected ? "" : "forget ") + one->process.str() +
                        (one->is_old ? " old" : ""));
      } else {
        read_until = std::get<AnnouncementsRead>(news).until;
      }
    }
    return taken.size();
  }

  ConsumerBench bench;
  LogLines lines;
  common::Logger log{"test", lines.sink()};
  common::ProviderTable providers;
  std::string topic;
  std::unique_ptr<KafkaAnnouncements> announcements;
  std::vector<std::string> taken;
  std::chrono::steady_clock::time_point read_until{};
};

/// On a broker that knows permissions.
class DeniedAnnouncementsTest : public KafkaAnnouncementsTest {
 protected:
  static const tests::Broker& Strict() {
    static const auto broker = tests::Broker::Start(
        1, {"authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer",
            "allow.everyone.if.no.acl.found=true"});
    return *broker;
  }
  DeniedAnnouncementsTest() : KafkaAnnouncementsTest(Strict()) {}
};

TEST_F(KafkaAnnouncementsTest, ReadOldAndNewRecords) {
  Announce("p1");
  announcements->Follow({{Partition(0), 1}});
  ASSERT_TRUE(Await(1));
  Announce("p2");
  bench.kafka().Produce(topic, {{.key = "p1", .value = std::nullopt, .partition = 0}});
  ASSERT_TRUE(Await(3));
  EXPECT_THAT(taken, ElementsAre("p1 old", "p2", "forget p1"));
}

TEST_F(KafkaAnnouncementsTest, AreReadAgainUnderANewEpoch) {
  Announce("p1");
  announcements->Follow({{Partition(0), 1}});
  ASSERT_TRUE(Await(1));
  announcements->Follow({});
  announcements->Follow({{Partition(0), 2}});
  ASSERT_TRUE(Await(2));
  EXPECT_THAT(taken, ElementsAre("p1 old", "p1 old"));
}

TEST_F(KafkaAnnouncementsTest, SkipInvalidRecords) {
  bench.kafka().Produce(topic, {{.key = "p0", .value = "{}", .partition = 0}});
  Announce("p1");
  announcements->Follow({{Partition(0), 1}});
  ASSERT_TRUE(Await(1));
  EXPECT_THAT(taken, ElementsAre("p1 old"));
  EXPECT_THAT(lines.text(), HasSubstr("expected.malformed"));
}

TEST_F(KafkaAnnouncementsTest, AreSkippedInPartitionThatIsNotTheirKeys) {
  Open(2);
  const std::int32_t right = common::PartitionOf("p1", 2).number();
  Announce("p1", 1 - right);
  Announce("p1", right);
  announcements->Follow({{Partition(0), 1}, {Partition(1), 2}});
  ASSERT_TRUE(Await(1));
  ASSERT_TRUE(lines.Await("murmur2_random", seconds(20)));
  EXPECT_THAT(taken, ElementsAre("p1 old"));
}

TEST_F(KafkaAnnouncementsTest, OfCommittedTransactionsCount) {
  announcements->Follow({{Partition(0), 1}});
  bench.kafka().ProduceInTransaction(topic, {RecordOf("p1")});
  Announce("p2");
  ASSERT_TRUE(Await(2));
  EXPECT_THAT(taken.back(), "p2");
}

TEST_F(KafkaAnnouncementsTest, TellThatAllWasRead) {
  Announce("p1");
  announcements->Follow({{Partition(0), 1}});
  ASSERT_TRUE(AwaitRead());
  EXPECT_THAT(taken, ElementsAre("p1 old")) << "nothing is read behind it";
  Announce("p2");
  ASSERT_TRUE(AwaitRead());
  EXPECT_THAT(taken, ElementsAre("p1 old", "p2"));
}

TEST_F(KafkaAnnouncementsTest, AreNotReadWhileATransactionIsOpen) {
  bench.topics().seen = topic;
  const auto application = bench.Producer("application");
  ASSERT_TRUE(application->Begin());
  ASSERT_TRUE(application->Produce(ConsumerBench::MarkerRecord(0, 1), 0));
  ASSERT_TRUE(application->Flush(Soon()));
  Announce("p1");
  announcements->Follow({{Partition(0), 1}});
  ASSERT_TRUE(lines.Await("expected.unread", seconds(20)));
  EXPECT_THAT(lines.text(), HasSubstr(R"("why":"open_transaction")"));
  EXPECT_EQ(TakeAll(), 0U);
  EXPECT_EQ(read_until, std::chrono::steady_clock::time_point());
  ASSERT_TRUE(application->Abort(Soon()));
  ASSERT_TRUE(AwaitRead());
  EXPECT_THAT(taken, ElementsAre("p1 old"));
}

TEST_F(KafkaAnnouncementsTest, KeepTheirLogWhileATransactionIsOpenFromBeforeTheirReach) {
  Open(1, kQuick, seconds(0));
  bench.topics().seen = topic;
  const auto application = bench.Producer("application");
  ASSERT_TRUE(application->Begin());
  ASSERT_TRUE(application->Produce(ConsumerBench::MarkerRecord(0, 1), 0));
  ASSERT_TRUE(application->Flush(Soon()));
  const auto has_aged = [written = common::WallNow()] {
    return common::WallNow() > written + seconds(1);
  };
  ASSERT_TRUE(tests::WaitUntil(has_aged, seconds(20)));
  announcements->Follow({{Partition(0), 1}});
  ASSERT_TRUE(AwaitRead()) << "nothing was there within reach";
  Announce("p1");
  ASSERT_TRUE(lines.Await("expected.unread", seconds(20)));
  EXPECT_THAT(lines.text(), HasSubstr(R"("why":"open_transaction")"));
  EXPECT_THAT(lines.text(), Not(HasSubstr("expected.log_went_back")));
  ASSERT_TRUE(application->Abort(Soon()));
  ASSERT_TRUE(Await(1));
  EXPECT_THAT(taken, ElementsAre("p1"));
}

/// librdkafka before 2.6.1 cannot destroy a client that has read a topic which was deleted since
/// (its issue 4724). So each of these tests has a process of its own, which ends without that. Main
/// bounds the end of consumer.
class KafkaAnnouncementsDeathTest : public KafkaAnnouncementsTest {
 protected:
  KafkaAnnouncementsDeathTest() { GTEST_FLAG_SET(death_test_style, "threadsafe"); }

  /// Ends the process, with 0 if the announcement in the new log was read as well.
  [[noreturn]] void ReadAnewAfter(const std::vector<std::string>& before,
                                  const std::vector<std::string>& after) {
    for (const std::string& process : before) Announce(process);
    announcements->Follow({{Partition(0), 1}});
    bool is_right = Await(before.size());
    bench.kafka().RecreateTopic(topic);
    for (const std::string& process : after) Announce(process);
    is_right =
        is_right && Await(before.size() + after.size()) && taken.back().starts_with(after.back());
    std::fputs(lines.text().c_str(), stderr);
    std::_Exit(is_right ? 0 : 1);
  }
};

TEST_F(KafkaAnnouncementsDeathTest, AreReadAnewFromAShorterLog) {
  EXPECT_EXIT(ReadAnewAfter({"p1", "p2", "p3"}, {"p4"}), ::testing::ExitedWithCode(0),
              "expected.log_went_back");
}

TEST_F(KafkaAnnouncementsDeathTest, AreReadAnewFromAnotherLogOfTheSameLength) {
  EXPECT_EXIT(ReadAnewAfter({"p1", "p2"}, {"p3", "p4"}), ::testing::ExitedWithCode(0),
              "expected.log_went_back");
}

/// As above, with a reader that looks at the topic only when it is told to follow other partitions.
class NudgedAnnouncementsDeathTest : public KafkaAnnouncementsDeathTest {
 protected:
  NudgedAnnouncementsDeathTest() {
    Open(2, {.read_every = hours(1), .check_every = hours(1), .look_up = milliseconds(3'000)});
  }
  void AnnounceInFirst(int count) {
    for (; count > 0; ++key_) {
      const std::string process = "p" + std::to_string(key_);
      if (common::PartitionOf(process, 2) != Partition(0)) continue;
      Announce(process);
      --count;
    }
  }
  bool AwaitNudging(std::size_t count) {
    return tests::WaitUntil(
        [&] {
          is_following_both_ = !is_following_both_;
          announcements->Follow(
              is_following_both_ ? std::map<Partition, Epoch>{{Partition(0), 1}, {Partition(1), 1}}
                                 : std::map<Partition, Epoch>{{Partition(0), 1}});
          return TakeAll() >= count;
        },
        seconds(30), milliseconds(200));
  }
  [[noreturn]] void ReadOnAfterRecreation() {
    AnnounceInFirst(2);
    bool is_right = AwaitNudging(2);
    bench.kafka().RecreateTopic(topic, {.partitions = 2});
    AnnounceInFirst(4);
    is_right = is_right && AwaitNudging(6);
    std::fputs(lines.text().c_str(), stderr);
    std::_Exit(is_right ? 0 : 1);
  }

 private:
  int key_ = 0;
  bool is_following_both_ = false;
};

TEST_F(NudgedAnnouncementsDeathTest, AreReadAnewFromALogThatHasGrownPastThePosition) {
  EXPECT_EXIT(ReadOnAfterRecreation(), ::testing::ExitedWithCode(0), "expected.log_went_back");
}

TEST_F(DeniedAnnouncementsTest, AreReadOnceThePermissionIsThere) {
  tests::ClusterAdmin admin(Strict().bootstrap());
  Announce("p1");
  admin.Allow(topic, RD_KAFKA_ACL_OPERATION_DESCRIBE);
  const auto is_denied = [&] {
    try {
      Announce("p1");
    } catch (const std::runtime_error&) {
      return true;
    }
    return false;
  };
  ASSERT_TRUE(tests::WaitUntil(is_denied, seconds(20)));
  announcements->Follow({{Partition(0), 1}});
  ASSERT_TRUE(lines.Await("expected.unread", seconds(20)));
  EXPECT_THAT(lines.text(), HasSubstr(R"("why":"no_answer")"));
  EXPECT_THAT(lines.text(), HasSubstr(R"("code":"TOPIC_AUTHORIZATION_FAILED")"));
  EXPECT_EQ(TakeAll(), 0U);
  EXPECT_EQ(read_until, std::chrono::steady_clock::time_point());
  admin.Allow(topic, RD_KAFKA_ACL_OPERATION_READ);
  ASSERT_TRUE(AwaitRead());
  EXPECT_THAT(taken, Contains("p1 old"));
}

TEST_F(KafkaAnnouncementsTest, StopReadingWhileTooManyAreNotTaken) {
  std::vector<tests::Record> records;
  for (int i = 0; i < 12'000; ++i) records.push_back(RecordOf("p" + std::to_string(i)));
  bench.kafka().Produce(topic, std::move(records));
  announcements->Follow({{Partition(0), 1}});
  ASSERT_TRUE(Await(12'000));
  EXPECT_EQ(taken.size(), 12'000U);
  EXPECT_EQ(taken.back(), "p11999 old");
}

}  // namespace
}  // namespace consumer
