#include "ingest/kafka/held_records.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <random>
#include <vector>

#include "tests/unit/ingest/kafka/batching_world.h"

namespace ingest {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using TimePoint = HeldRecords::TimePoint;

constexpr TimePoint kStart{1h};
constexpr int kPartitions = 12;

common::Envelope EnvelopeOf(std::size_t bytes = 0) {
  common::Envelope envelope;
  envelope.body.resize(bytes);
  return envelope;
}

std::vector<CallbackNumber> NumbersOf(const Burst& burst) {
  std::vector<CallbackNumber> numbers;
  for (const HeldRecord& record : burst) numbers.push_back(record.number);
  return numbers;
}

/// Three callbacks were in hand at the same time, and have their outcome.
HeldRecords AfterThreeAtOnce() {
  HeldRecords records(BatchBounds{});
  records.Sent(3);
  records.Add(0, EnvelopeOf(), kPartitions, kStart);
  (void)records.Take();
  records.Settled(4);
  return records;
}

TEST(HeldRecords, SendTheRecordOfTheOnlySenderAtOnce) {
  HeldRecords records(BatchBounds{});
  EXPECT_EQ(records.due(), std::nullopt);
  for (int second = 0; second < 3; ++second) {
    const TimePoint now = kStart + std::chrono::seconds(second);
    records.Add(7, EnvelopeOf(), kPartitions, now);
    EXPECT_TRUE(records.IsDue(now));
    EXPECT_THAT(NumbersOf(records.Take()), ElementsAre(7));
    EXPECT_FALSE(records.IsDue(now));
    records.Settled(1);
  }
}

TEST(HeldRecords, HoldRecordsForOthersUntilMaxDelayOfTheFirst) {
  HeldRecords records = AfterThreeAtOnce();
  const TimePoint now = kStart + 10ms;
  records.Add(1, EnvelopeOf(), kPartitions, now);
  records.Add(2, EnvelopeOf(), kPartitions, now + 15ms);
  EXPECT_FALSE(records.IsDue(now + 19ms));
  EXPECT_TRUE(records.IsDue(now + 20ms));
  EXPECT_THAT(NumbersOf(records.Take()), ElementsAre(1, 2));
  EXPECT_THAT(records.Take(), IsEmpty());
}

TEST(HeldRecords, HoldRecordsLongerOnceManyPartitionsAreKnown) {
  HeldRecords records = AfterThreeAtOnce();
  const TimePoint now = kStart + 10ms;
  records.Sent(3);
  records.Add(1, EnvelopeOf(), 48, now);
  (void)records.Take();
  records.Settled(4);
  records.Add(2, EnvelopeOf(), 48, now);
  EXPECT_FALSE(records.IsDue(now + 59ms));
  EXPECT_TRUE(records.IsDue(now + 60ms));
}

TEST(HeldRecords, SendWhenEverybodyOfLateWaits) {
  HeldRecords records = AfterThreeAtOnce();
  const TimePoint now = kStart + 10ms;
  for (CallbackNumber number = 1; number <= 3; ++number) {
    records.Add(number, EnvelopeOf(), kPartitions, now);
    EXPECT_FALSE(records.IsDue(now)) << number;
  }
  records.Add(4, EnvelopeOf(), kPartitions, now);
  EXPECT_TRUE(records.IsDue(now));
}

TEST(HeldRecords, StayDueWhateverComesBeforeTheyAreTaken) {
  HeldRecords records = AfterThreeAtOnce();
  const TimePoint now = kStart + 10ms;
  records.Sent(100);
  records.Add(1, EnvelopeOf(), kPartitions, now);
  ASSERT_TRUE(records.IsDue(now)) << "everybody waits";
  records.Settled(100);
  records.Add(2, EnvelopeOf(), kPartitions, now);
  EXPECT_TRUE(records.IsDue(now)) << "although others may come now";
  EXPECT_THAT(NumbersOf(records.Take()), ElementsAre(1, 2));
}

TEST(HeldRecords, CountTheBytesOfOneBurstOnly) {
  HeldRecords records = AfterThreeAtOnce();
  const TimePoint now = kStart + 10ms;
  records.Add(1, EnvelopeOf(BatchBounds{}.enough_bytes), kPartitions, now);
  (void)records.Take();
  records.Settled(1);
  records.Add(2, EnvelopeOf(1), kPartitions, now);
  EXPECT_FALSE(records.IsDue(now));
}

TEST(HeldRecords, NeverHoldLongerThanMaxDelayNorAgainstTheVerdict) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  HeldRecords records(BatchBounds{});
  const std::chrono::milliseconds delay = MaxDelay().For(kPartitions);
  TimePoint now = kStart;
  CallbackNumber next = 1;
  CallbackNumber expected = 1;
  std::size_t in_hand = 0;
  for (int step = 0; step < 20'000; ++step) {
    now += std::chrono::microseconds(random() % 3000);
    if (const auto due = records.due()) now = std::min(now, std::max(*due, now - 3ms));
    if (records.IsDue(now)) {
      for (const HeldRecord& record : records.Take()) {
        ASSERT_EQ(record.number, expected++) << "in the order in which they came";
        ASSERT_LE(now - record.since, delay);
        ++in_hand;
      }
    }
    if (random() % 2 == 0) {
      records.Add(next++, EnvelopeOf(random() % 100), kPartitions, now);
      ASSERT_LE(*records.due() - now, delay);
    } else if (in_hand > 0) {
      const std::size_t settled = random() % in_hand + 1;
      records.Settled(settled);
      in_hand -= settled;
    }
  }
  EXPECT_GT(expected, 1'000U);
}

TEST(Batching, NeverHoldsTheCallbacksOfAClosedLoop) {
  for (const int partitions : {12, 48}) {
    for (const auto latency : {300us, 5'000us, 50'000us}) {
      for (const int senders : {1, 8, 64, 512}) {
        BatchingWorld world(partitions, latency, 1);
        world.RunClosedLoop(senders, 1s);
        EXPECT_GT(world.stored(), 15U);
        EXPECT_LE(world.longest_wait(), 100us)
            << senders << " senders, " << partitions << " partitions, " << latency.count() << " us";
      }
    }
  }
}

TEST(Batching, SavesHalfTheRequestsOfAnOpenLoop) {
  BatchingWorld slow(12, 1ms, 1);
  slow.RunOpenLoop(1'000, 2s);
  EXPECT_LT(slow.requests_per_callback(), 0.55);
  EXPECT_LE(slow.longest_wait(), 20ms);

  BatchingWorld fast(12, 1ms, 1);
  fast.RunOpenLoop(5'000, 1s);
  EXPECT_LT(fast.requests_per_callback(), 0.2);
  EXPECT_LE(fast.longest_wait(), 20ms);

  BatchingWorld wide(48, 1ms, 1);
  wide.RunOpenLoop(5'000, 1s);
  EXPECT_LT(wide.requests_per_callback(), 0.35) << "with bursts of 20 ms it is 0.42";
  EXPECT_LE(wide.longest_wait(), 60ms);
}

TEST(Batching, SendsACallbackASecondAtOnce) {
  BatchingWorld world(12, 1ms, 1);
  world.RunOpenLoop(1, 100s);
  EXPECT_GT(world.stored(), 50U);
  EXPECT_EQ(world.longest_wait(), 0us);
}

TEST(Batching, SendsFullBatchesWithoutAWaitAtAHighRate) {
  BatchingWorld world(12, 300us, 1);
  world.RunOpenLoop(100'000, 300ms);
  EXPECT_LT(world.longest_wait(), 15ms);
  EXPECT_LT(world.requests_per_callback(), 0.1);
}

}  // namespace
}  // namespace ingest
