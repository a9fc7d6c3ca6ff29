#include "common/http/idle_connections.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <thread>
#include <vector>

#include "common/http/population.h"

namespace common::http {
namespace {

using std::chrono::seconds;

IdleConnections::TimePoint At(int second) { return IdleConnections::TimePoint(seconds(second)); }

struct IdleConnectionsTest : testing::Test {
  IdleConnections idle;
  IdlePlace a;
  IdlePlace b;
  IdlePlace c;
};

TEST_F(IdleConnectionsTest, GiveTheLongestIdleFirst) {
  EXPECT_EQ(idle.size(), 0U);
  EXPECT_EQ(idle.Oldest(), nullptr);
  idle.Enter(a, At(1));
  idle.Enter(b, At(2));
  idle.Enter(c, At(3));
  EXPECT_EQ(idle.size(), 3U);
  EXPECT_EQ(idle.oldest_since(), At(1));
  for (IdlePlace* const place : {&a, &b, &c}) {
    EXPECT_EQ(idle.Oldest(), place);
    IdleConnections::Leave(*place);
  }
  EXPECT_EQ(idle.size(), 0U);
}

TEST_F(IdleConnectionsTest, KeepThePlaceOfOneThatIsIdleSinceTheSameTime) {
  idle.Enter(a, At(1));
  idle.Enter(b, At(1));
  idle.Enter(a, At(1));
  EXPECT_EQ(idle.Oldest(), &a);
}

TEST_F(IdleConnectionsTest, PutOneThatWasBusyMeanwhileAtTheEnd) {
  idle.Enter(a, At(1));
  idle.Enter(b, At(2));
  idle.Enter(a, At(3));
  EXPECT_EQ(idle.Oldest(), &b);
}

TEST_F(IdleConnectionsTest, LoseOneThatEndsOrEntersAnotherList) {
  IdleConnections others;
  idle.Enter(a, At(1));
  {
    IdlePlace short_lived;
    idle.Enter(short_lived, At(2));
    idle.Enter(b, At(3));
  }
  others.Enter(a, At(4));
  EXPECT_EQ(idle.Oldest(), &b);
  EXPECT_EQ(others.Oldest(), &a);
}

TEST_F(IdleConnectionsTest, ShowNoOtherThreadTheTimeOfOneThatHasLeft) {
  constexpr int kTimes = 300'000;
  std::atomic<int> left = 0;
  const std::jthread worker([&] {
    for (int i = 1; i <= kTimes; ++i) {
      idle.Enter(a, At(i));
      IdleConnections::Leave(a);
      left = i;
    }
  });
  while (left < kTimes) {
    const int before = left;
    if (idle.size() > 0) {
      ASSERT_GT(idle.oldest_since(), At(before));
    }
  }
}

/// The judgement with so many silent and kept connections, the oldest of them so many milliseconds
/// old; 10 silent ones are many.
MakesRoom Judged(int silent, int silent_ms, int kept) {
  IdleShare share;
  std::vector<std::unique_ptr<IdlePlace>> places;
  const auto add = [&](IdleConnections& list, int count) {
    for (int i = 0; i < count; ++i) {
      list.Enter(*places.emplace_back(std::make_unique<IdlePlace>()), At(100));
    }
  };
  add(share.silent, silent);
  add(share.kept, kept);
  return share.Judge(At(100) + std::chrono::milliseconds(silent_ms), 10);
}

TEST(IdleShare, GivesUpSilentConnectionsThatAreOldOrManyBeforeKeptOnesAndFreshOnesLast) {
  EXPECT_EQ(Judged(0, 0, 0), MakesRoom::kNobody);
  EXPECT_EQ(Judged(1, 1000, 5), MakesRoom::kSilent);
  EXPECT_EQ(Judged(10, 1, 5), MakesRoom::kSilent);
  EXPECT_EQ(Judged(9, 999, 1), MakesRoom::kKept) << "their requests may be on the way";
  EXPECT_EQ(Judged(0, 0, 1), MakesRoom::kKept);
  EXPECT_EQ(Judged(1, 0, 0), MakesRoom::kFreshSilent);
}

TEST(FindIdleWorker, FindsTheLongestIdleConnectionOfAllWorkersUnlessTheOwnAreToGo) {
  Population population(3, 10, [](std::uint32_t) {});
  const auto found = [&](Among among) {
    return population.FindIdleWorker(0, At(10), 10, among).value_or(99);
  };
  EXPECT_EQ(found(Among::kLongestIdle), 99U) << "nobody is idle";
  IdlePlace own;
  IdlePlace older;
  IdlePlace younger;
  population.idle(0).kept.Enter(own, At(2));
  population.idle(1).kept.Enter(older, At(1));
  population.idle(2).kept.Enter(younger, At(3));
  EXPECT_EQ(found(Among::kLongestIdle), 1U);
  EXPECT_EQ(found(Among::kOwn), 0U);
  IdleConnections::Leave(younger);
  IdlePlace silent;
  population.idle(2).silent.Enter(silent, At(9));
  EXPECT_EQ(found(Among::kOwn), 2U) << "who never asked goes first";
}

}  // namespace
}  // namespace common::http
