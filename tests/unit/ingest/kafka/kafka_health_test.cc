#include "ingest/kafka/kafka_health.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "common/domain/partition.h"

namespace ingest {
namespace {

using common::Partition;
using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

class KafkaHealthTest : public ::testing::Test {
 protected:
  static KafkaHealth::TimePoint At(int ms) { return KafkaHealth::TimePoint(milliseconds(ms)); }

  [[nodiscard]] std::string At(int ms, const KafkaHealth& of) const {
    return of.WhyAway(At(ms)).value_or("taking") + (of.IsWorthTrying(At(ms)) ? "" : ", not tried");
  }

  KafkaHealth Healthy(std::size_t partitions = 12) {
    KafkaHealth healthy;
    healthy.ProbeAnswered(At(0), partitions);
    healthy.TopicsChecked(std::nullopt);
    return healthy;
  }
};

TEST_F(KafkaHealthTest, TriesNothingBeforeTheTopicsAreChecked) {
  KafkaHealth health;
  EXPECT_EQ(At(0, health), "no broker has answered yet, not tried");
  health.ProbeFailed(At(0), "silence");
  EXPECT_EQ(At(0, health), "silence, not tried");
  health.ProbeAnswered(At(0));
  EXPECT_EQ(At(0, health), "the topics are not checked yet, not tried");
  health.TopicsChecked(std::nullopt);
  EXPECT_EQ(At(0, health), "taking");
}

TEST_F(KafkaHealthTest, TriesNothingWhileTheTopicsAreRefused) {
  KafkaHealth health = Healthy();
  health.Delivered(At(900), Partition(1));
  health.TopicsChecked("min.insync.replicas is 1");
  EXPECT_EQ(At(1000, health), "min.insync.replicas is 1, not tried")
      << "an ack would promise nothing";
  health.TopicsChecked(std::nullopt);
  EXPECT_EQ(At(1000, health), "taking");
}

TEST_F(KafkaHealthTest, KeepsTryingForFiveSecondsWithoutAnAnswer) {
  KafkaHealth health = Healthy();
  health.ProbeFailed(At(1000), "silence");
  EXPECT_EQ(At(1000, health), "taking") << "one slow answer proves nothing";
  health.ProbeFailed(At(3000), "silence");
  EXPECT_EQ(At(3000, health), "silence");
  EXPECT_EQ(At(5999, health), "silence");
  EXPECT_EQ(At(6000, health), "silence, not tried");
  health.ProbeAnswered(At(7000));
  EXPECT_EQ(At(7000, health), "taking");
}

TEST_F(KafkaHealthTest, IgnoresFailedProbesWhileDeliveriesSucceed) {
  KafkaHealth health = Healthy();
  for (int ms = 1000; ms < 60'000; ms += 1000) {
    health.ProbeFailed(At(ms), "silence");
    health.Delivered(At(ms), Partition(1));
    EXPECT_EQ(At(ms + 999, health), "taking") << ms;
  }
  EXPECT_EQ(At(63'000, health), "silence") << "the acks have stopped, too";
  EXPECT_EQ(At(64'000, health), "silence, not tried");
}

TEST_F(KafkaHealthTest, CountsATopicWideFailureUntilADeliverySucceeds) {
  KafkaHealth health = Healthy();
  health.DeliveryFailed(At(1000), std::nullopt, "not authorized");
  EXPECT_EQ(At(1000, health), "not authorized") << "still tried, or it would never recover";
  health.Delivered(At(2000), Partition(3));
  EXPECT_EQ(At(2000, health), "taking");
}

TEST_F(KafkaHealthTest, IgnoresASingleFailingPartition) {
  KafkaHealth health = Healthy();
  for (int ms = 1000; ms < 20'000; ms += 500) {
    health.ProbeAnswered(At(ms), 12);
    health.DeliveryFailed(At(ms), Partition(7), "too few replicas");
    EXPECT_EQ(At(ms, health), "taking") << ms;
  }
  EXPECT_THAT(health.FailingPartitions(At(20'000)),
              ElementsAre(Pair(Partition(7), "too few replicas")));
  health.Delivered(At(20'000), Partition(7));
  EXPECT_THAT(health.FailingPartitions(At(20'000)), IsEmpty());
}

TEST_F(KafkaHealthTest, IgnoresLeaderlessPartitionsWhileOthersHaveALeader) {
  KafkaHealth health = Healthy();
  health.ProbeAnswered(At(1000), 3, {Partition(0), Partition(1)});
  health.DeliveryFailed(At(1000), Partition(0), "timed out");
  health.DeliveryFailed(At(1000), Partition(1), "timed out");
  EXPECT_EQ(At(1500, health), "taking");
  EXPECT_THAT(
      health.FailingPartitions(At(9000)),
      ElementsAre(Pair(Partition(0), "it has no leader"), Pair(Partition(1), "it has no leader")));
  health.DeliveryFailed(At(1500), Partition(2), "timed out");
  EXPECT_EQ(At(1500, health), "timed out") << "the only partition left";
  health.ProbeAnswered(At(7000), 3, {Partition(0), Partition(1), Partition(2)});
  EXPECT_EQ(At(7000, health), "no partition has a leader");
  health.ProbeAnswered(At(8000), 3, {});
  EXPECT_EQ(At(8000, health), "taking");
  EXPECT_THAT(health.FailingPartitions(At(8000)), IsEmpty());
}

TEST_F(KafkaHealthTest, KnowsPartitionsWhileABrokerHasSpokenOfThemLately) {
  KafkaHealth health;
  EXPECT_FALSE(health.KnowsPartitions(At(0)));
  health.ProbeAnswered(At(0), 3, {Partition(0)});
  EXPECT_TRUE(health.KnowsPartitions(At(4'999)));
  health.ProbeFailed(At(4'999), "no answer");
  EXPECT_FALSE(health.KnowsPartitions(At(5'000)));
  health.Delivered(At(5'000), Partition(1));
  EXPECT_FALSE(health.KnowsPartitions(At(5'000))) << "an ack says nothing of the others";
}

TEST_F(KafkaHealthTest, JudgesKafkaByTheOnlyPartition) {
  KafkaHealth health = Healthy(1);
  health.DeliveryFailed(At(1000), Partition(0), "not enough replicas");
  EXPECT_EQ(At(1000, health), "not enough replicas");
  health.Delivered(At(2000), Partition(0));
  EXPECT_EQ(At(2000, health), "taking");
}

TEST_F(KafkaHealthTest, CountsFailuresOfSeveralPartitionsOnceNoAckIsRecent) {
  KafkaHealth health = Healthy();
  health.Delivered(At(1000), Partition(1));
  health.DeliveryFailed(At(4999), Partition(2), "timed out");
  health.DeliveryFailed(At(4999), Partition(3), "timed out");
  health.ProbeAnswered(At(4999), 12);
  EXPECT_EQ(At(4999, health), "taking");
  EXPECT_EQ(At(5000, health), "timed out");
}

TEST_F(KafkaHealthTest, ForgetsFailedDeliveriesWithoutTraffic) {
  KafkaHealth health = Healthy();
  health.DeliveryFailed(At(1000), Partition(1), "not enough replicas");
  health.DeliveryFailed(At(1000), Partition(2), "not enough replicas");
  health.ProbeAnswered(At(5000), 12);
  EXPECT_EQ(At(5999, health), "not enough replicas");
  EXPECT_EQ(At(6000, health), "taking");
}

TEST_F(KafkaHealthTest, KnowsNothingOnceNobodyProbes) {
  KafkaHealth health = Healthy();
  EXPECT_EQ(At(4999, health), "taking");
  EXPECT_EQ(At(5000, health), "Kafka was not asked lately");
  health.Delivered(At(6000), Partition(1));
  EXPECT_EQ(At(9999, health), "taking") << "an ack is the best evidence";
  EXPECT_EQ(At(10'000, health), "Kafka was not asked lately");
  health.ProbeAnswered(At(11'000), 12);
  EXPECT_EQ(At(11'000, health), "taking");
}

TEST_F(KafkaHealthTest, TriesNothingWithAnUnusableClient) {
  KafkaHealth health = Healthy();
  health.Delivered(At(500), Partition(1));
  health.ClientUnusable("it is fatal");
  health.ProbeAnswered(At(1000), 12);
  EXPECT_EQ(At(1000, health), "it is fatal, not tried") << "whatever came before, or is answered";
  health.ClientReplaced();
  EXPECT_EQ(At(1000, health), "taking");
}

}  // namespace
}  // namespace ingest
