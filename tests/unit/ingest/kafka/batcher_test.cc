#include "ingest/kafka/batcher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "common/base/guarded.h"
#include "tests/support/wait_until.h"

namespace ingest {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using tests::WaitUntil;

constexpr std::chrono::milliseconds kPatience{15'000};
constexpr BatchBounds kNearlyForever{.max_delay =
                                         MaxDelay::Fixed(std::chrono::milliseconds(3'600'000))};
constexpr int kPartitions = 4;

/// Keeps the numbers that were handed over.
class BatcherTest : public ::testing::Test {
 protected:
  std::size_t Accept(const Burst& burst) {
    EXPECT_EQ(running.fetch_add(1), 0) << "one burst after the other";
    if (during_hand_over) during_hand_over();
    numbers.With([&](auto& taken) {
      for (const HeldRecord& record : burst) taken.push_back(record.number);
    });
    running.fetch_sub(1);
    return not_taken;
  }

  [[nodiscard]] Batcher::HandOver ToTake() {
    return [this](const Burst& burst) { return Accept(burst); };
  }

  [[nodiscard]] std::vector<CallbackNumber> Numbers() const {
    return numbers.With([](const auto& taken) { return taken; });
  }

  /// Later records of fewer than five senders are held.
  static void LetFiveWaitAtOnce(Batcher& batcher) {
    batcher.Sent(4);
    ASSERT_TRUE(batcher.Offer(100, {}, kPartitions));
    batcher.Settled(5);
  }

  std::function<void()> during_hand_over;
  std::size_t not_taken = 0;
  std::atomic<int> running = 0;
  common::Guarded<std::vector<CallbackNumber>> numbers;
};

TEST_F(BatcherTest, HandsOverOnTheOfferingThreadIfNobodyIsToCome) {
  Batcher batcher(kNearlyForever, ToTake());
  ASSERT_TRUE(batcher.Offer(1, {}, kPartitions));
  EXPECT_THAT(Numbers(), ElementsAre(1));
}

TEST_F(BatcherTest, HandsOverAfterMaxDelay) {
  Batcher batcher({.max_delay = MaxDelay::Fixed(20ms)}, ToTake());
  LetFiveWaitAtOnce(batcher);
  const auto begun = Batcher::Clock::now();
  ASSERT_TRUE(batcher.Offer(1, {}, kPartitions));
  ASSERT_TRUE(batcher.Offer(2, {}, kPartitions));
  EXPECT_TRUE(WaitUntil([&] { return Numbers().size() == 3; }, kPatience));
  EXPECT_GE(Batcher::Clock::now() - begun, 20ms);
  EXPECT_THAT(Numbers(), ElementsAre(100, 1, 2));
}

TEST_F(BatcherTest, WakesItsTimerForEachBurst) {
  Batcher batcher({.max_delay = MaxDelay::Fixed(1ms)}, ToTake());
  for (CallbackNumber burst = 1; burst <= 50; ++burst) {
    LetFiveWaitAtOnce(batcher);
    ASSERT_TRUE(batcher.Offer(burst, {}, kPartitions));
    ASSERT_TRUE(WaitUntil([&] { return Numbers().size() == 2 * burst; }, kPatience)) << burst;
    batcher.Settled(1);
  }
}

TEST_F(BatcherTest, HandsOverHeldRecordsWhenClosed) {
  Batcher batcher(kNearlyForever, ToTake());
  LetFiveWaitAtOnce(batcher);
  ASSERT_TRUE(batcher.Offer(1, {}, kPartitions));
  ASSERT_TRUE(batcher.Offer(2, {}, kPartitions));
  EXPECT_THAT(Numbers(), ElementsAre(100));
  batcher.Close();
  EXPECT_THAT(Numbers(), ElementsAre(100, 1, 2));
  EXPECT_FALSE(batcher.Offer(3, {}, kPartitions));
  EXPECT_THAT(Numbers(), ElementsAre(100, 1, 2));
}

TEST_F(BatcherTest, ForgetsRecordsThatTheProducerDoesNotTake) {
  Batcher batcher(kNearlyForever, ToTake());
  LetFiveWaitAtOnce(batcher);
  not_taken = 1;
  for (CallbackNumber number = 1; number <= 4; ++number) {
    batcher.Sent(4);
    ASSERT_TRUE(batcher.Offer(number, {}, kPartitions));
    batcher.Settled(4);
  }
  EXPECT_THAT(Numbers(), ElementsAre(100, 1, 2, 3, 4));
  ASSERT_TRUE(batcher.Offer(5, {}, kPartitions));
  EXPECT_THAT(Numbers(), ElementsAre(100, 1, 2, 3, 4)) << "it waits alone, so others may come";
}

TEST_F(BatcherTest, LeavesABurstToTheThreadThatHandsOver) {
  Batcher batcher(kNearlyForever, ToTake());
  std::atomic<bool> has_begun = false;
  std::atomic<bool> may_go_on = false;
  during_hand_over = [&] {
    has_begun = true;
    EXPECT_TRUE(WaitUntil([&] { return may_go_on.load(); }, kPatience));
  };
  std::jthread other([&] { EXPECT_TRUE(batcher.Offer(1, {}, kPartitions)); });
  ASSERT_TRUE(WaitUntil([&] { return has_begun.load(); }, kPatience));
  ASSERT_TRUE(batcher.Offer(2, {}, kPartitions));  // Returns at once.
  EXPECT_THAT(Numbers(), IsEmpty());
  may_go_on = true;
  other.join();
  EXPECT_TRUE(WaitUntil([&] { return Numbers().size() == 2; }, kPatience));
  EXPECT_THAT(Numbers(), ElementsAre(1, 2));
}

TEST_F(BatcherTest, KeepsAnOfferingThreadNoLongerThanOneSlowBurst) {
  Batcher batcher(kNearlyForever, ToTake());
  std::atomic<int> bursts = 0;
  std::atomic<int> on_offering_thread = 0;
  const auto offering_thread = std::this_thread::get_id();
  during_hand_over = [&] {
    const int burst = ++bursts;
    if (std::this_thread::get_id() == offering_thread) ++on_offering_thread;
    if (burst > 20) return;
    // The next one is due before this one has been handed over, for longer than a thread stays.
    std::jthread([&] { EXPECT_TRUE(batcher.Offer(burst + 1U, {}, kPartitions)); }).join();
    const auto begun = Batcher::Clock::now();
    while (Batcher::Clock::now() - begun < 2ms) std::this_thread::yield();
  };
  ASSERT_TRUE(batcher.Offer(1, {}, kPartitions));
  EXPECT_TRUE(WaitUntil([&] { return Numbers().size() == 21; }, kPatience));
  EXPECT_EQ(on_offering_thread, 1);
}

TEST_F(BatcherTest, KeepsTheOrderOfEachThread) {
  constexpr CallbackNumber kOfEach = 5'000;
  constexpr CallbackNumber kThreads = 4;
  {
    Batcher batcher({.max_delay = MaxDelay::Fixed(1ms)}, ToTake());
    std::vector<std::jthread> threads;
    for (CallbackNumber thread = 0; thread < kThreads; ++thread) {
      threads.emplace_back([&batcher, thread] {
        for (CallbackNumber i = 0; i < kOfEach; ++i) {
          EXPECT_TRUE(batcher.Offer(thread * kOfEach + i, {}, kPartitions));
          if (i % 3 == 0) batcher.Settled(5);
        }
      });
    }
    threads.clear();
    // The timer takes what no thread completes.
    EXPECT_TRUE(WaitUntil([&] { return Numbers().size() == kThreads * kOfEach; }, kPatience));
  }
  std::vector<CallbackNumber> next(kThreads);
  for (const CallbackNumber number : Numbers()) {
    ASSERT_EQ(number % kOfEach, next[number / kOfEach]++);
  }
  for (const CallbackNumber count : next) EXPECT_EQ(count, kOfEach);
}

}  // namespace
}  // namespace ingest
