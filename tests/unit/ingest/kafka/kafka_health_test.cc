#include "ingest/kafka/kafka_health.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace ingest {
namespace {

using std::chrono::milliseconds;

class KafkaHealthTest : public ::testing::Test {
 protected:
  static KafkaHealth::TimePoint At(int ms) { return KafkaHealth::TimePoint(milliseconds(ms)); }

  [[nodiscard]] std::string At(int ms, const KafkaHealth& of) const {
    return of.WhyAway(At(ms)).value_or("taking") + (of.IsWorthTrying(At(ms)) ? "" : ", not tried");
  }

  KafkaHealth Healthy() {
    KafkaHealth healthy;
    healthy.ProbeAnswered(At(0));
    healthy.TopicsChecked(std::nullopt);
    return healthy;
  }
};

TEST_F(KafkaHealthTest, TriesNothingBeforeTheTopicsAreChecked) {
  KafkaHealth health;
  EXPECT_EQ(At(0, health), "no broker has answered yet, not tried");
  health.ProbeAnswered(At(0));
  EXPECT_EQ(At(0, health), "the topics are not checked yet, not tried");
  health.TopicsChecked(std::nullopt);
  EXPECT_EQ(At(0, health), "taking");
}

TEST_F(KafkaHealthTest, TriesNothingWhileTheTopicsAreRefused) {
  KafkaHealth health = Healthy();
  health.TopicsChecked("min.insync.replicas is 1");
  EXPECT_EQ(At(0, health), "min.insync.replicas is 1, not tried");
  health.TopicsChecked(std::nullopt);
  EXPECT_EQ(At(0, health), "taking");
}

TEST_F(KafkaHealthTest, GoesOnTryingForAWhileWhenNoBrokerAnswers) {
  KafkaHealth health = Healthy();
  health.ProbeFailed(At(1000), "silence");
  EXPECT_EQ(At(1000, health), "silence");
  health.ProbeFailed(At(4000), "silence");
  EXPECT_EQ(At(5999, health), "silence");
  EXPECT_EQ(At(6000, health), "silence, not tried");
  health.ProbeAnswered(At(7000));
  EXPECT_EQ(At(7000, health), "taking");
}

TEST_F(KafkaHealthTest, CountsAFailedDeliveryUntilOneSucceeds) {
  KafkaHealth health = Healthy();
  health.DeliveryFailed(At(1000), "not enough replicas");
  EXPECT_EQ(At(1000, health), "not enough replicas") << "but it is tried: else it never recovers";
  health.Delivered(At(2000));
  EXPECT_EQ(At(2000, health), "taking");
}

TEST_F(KafkaHealthTest, DoesNotTakeOneBadPartitionForKafka) {
  KafkaHealth health = Healthy();
  for (int ms = 1000; ms < 20'000; ms += 500) {
    if (ms % 1500 == 1000) health.Delivered(At(ms));
    health.DeliveryFailed(At(ms), "no leader");
    EXPECT_EQ(At(ms, health), "taking") << ms;
  }
}

TEST_F(KafkaHealthTest, CountsFailuresOnceTheyAreAllThatIsLeft) {
  KafkaHealth health = Healthy();
  health.Delivered(At(1000));
  health.DeliveryFailed(At(2999), "not authorized");
  EXPECT_EQ(At(2999, health), "taking");
  health.DeliveryFailed(At(3000), "not authorized");
  EXPECT_EQ(At(3000, health), "not authorized");
}

TEST_F(KafkaHealthTest, ForgetsAFailedDeliveryWhereNoTrafficCanRefuteIt) {
  KafkaHealth health = Healthy();
  health.DeliveryFailed(At(1000), "not enough replicas");
  EXPECT_EQ(At(5999, health), "not enough replicas");
  EXPECT_EQ(At(6000, health), "taking");
}

}  // namespace
}  // namespace ingest
