#include "ops/simulator/delivery_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace simulator {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::ElementsAre;
using testing::ElementsAreArray;
using testing::Ge;
using testing::Le;

using Time = DeliveryPlan::Time;

/// A delivery as the receiver sees it.
struct Seen {
  std::uint64_t callback;
  int attempt;
  std::chrono::seconds at;  ///< Since the start.
};

/// Runs a plan to its end on a virtual clock. `answer` returns the status of each delivery, which
/// arrives after `answer_time`.
std::vector<Seen> Play(DeliveryPlan& plan, const std::function<int(const Seen&)>& answer,
                       std::chrono::seconds answer_time = 0s) {
  std::vector<Seen> seen;
  std::map<std::uint64_t, int> attempts;
  Time now{};
  while (!plan.IsDone()) {
    const auto delivery = plan.Next(now);
    if (!delivery) {
      const auto due = plan.NextDue();
      if (!due || *due <= now) {
        ADD_FAILURE() << "the plan makes no progress at " << now.time_since_epoch().count();
        return seen;
      }
      now = *due;
      continue;
    }
    seen.push_back({delivery->callback, ++attempts[delivery->callback],
                    std::chrono::round<std::chrono::seconds>(now.time_since_epoch())});
    now += answer_time;
    plan.Answered(delivery->callback, answer(seen.back()), now);
  }
  return seen;
}

DeliveryPlanOptions OptionsFor(const char* providers, std::uint64_t count = 1) {
  return {.count = count, .mix = *ProviderMix::Parse(providers)};
}

std::vector<std::chrono::seconds> TimesOf(const std::vector<Seen>& seen) {
  std::vector<std::chrono::seconds> times;
  for (const Seen& one : seen) times.push_back(one.at);
  return times;
}

DeliveryTally SumOf(const DeliveryPlan& plan) {
  DeliveryTally sum;
  for (const DeliveryTally& tally : plan.tallies()) sum += tally;
  return sum;
}

const auto kAlways = [](int status) { return [status](const Seen&) { return status; }; };

TEST(DeliveryPlan, NeverSendsAShareOfTheCallbacks) {
  DeliveryPlanOptions options = OptionsFor("onfido,eid", 2'000);
  options.lose_rate = 0.05;
  DeliveryPlan plan(options, Time{});
  const std::vector<Seen> seen = Play(plan, kAlways(200));
  const DeliveryTally sum = SumOf(plan);
  EXPECT_THAT(sum.unsent, AllOf(Ge(70U), Le(130U)));
  EXPECT_EQ(sum.callbacks, 2'000 - sum.unsent);
  EXPECT_EQ(sum.lost, 0U) << "given up";
  EXPECT_EQ(seen.size(), sum.callbacks);
  for (const Seen& one : seen) EXPECT_FALSE(plan.FateOf(one.callback).unsent);
}

TEST(DeliveryPlan, BeginsNoCallbackAtOrAboveTheLimit) {
  DeliveryPlanOptions options = OptionsFor("onfido", 100);
  options.lose_rate = 0.9;
  DeliveryPlan plan(options, Time{});
  while (const auto delivery = plan.Next(Time{}, 30)) EXPECT_LT(delivery->callback, 30U);
  EXPECT_EQ(plan.reached(), 30U);
}

TEST(DeliveryPlan, RetriesOnfidoAtFixedTimesAfterTheFirstAttempt) {
  DeliveryPlan plan(OptionsFor("onfido"), Time{});
  EXPECT_THAT(TimesOf(Play(plan, kAlways(503))), ElementsAre(0s, 30s, 2min, 15min, 2h, 10h));
  EXPECT_EQ(SumOf(plan).lost, 1U);
}

TEST(DeliveryPlan, SchedulesOnfidoRetriesIndependentlyOfAnswerTimes) {
  DeliveryPlan plan(OptionsFor("onfido"), Time{});
  EXPECT_THAT(TimesOf(Play(plan, kAlways(0), 10s)), ElementsAre(0s, 30s, 2min, 15min, 2h, 10h));
}

TEST(DeliveryPlan, RetriesEidTenMinutesAfterEachFailureUpToFifteenAttempts) {
  std::vector<std::chrono::seconds> expected;
  for (int n = 0; n < 15; ++n) expected.push_back(n * (10min + 5s));
  DeliveryPlan plan(OptionsFor("eid"), Time{});
  EXPECT_THAT(TimesOf(Play(plan, kAlways(202), 5s)), ElementsAreArray(expected));
}

TEST(DeliveryPlan, RetriesReadidHourlyUpTo24Times) {
  std::vector<std::chrono::seconds> expected;
  for (int n = 0; n <= 24; ++n) expected.push_back(n * 1h);
  DeliveryPlan plan(OptionsFor("readid"), Time{});
  EXPECT_THAT(TimesOf(Play(plan, kAlways(429))), ElementsAreArray(expected));
  EXPECT_EQ(SumOf(plan).penalties, 0U);
}

TEST(DeliveryPlan, NeverRetriesReadidAfter400) {
  DeliveryPlan plan(OptionsFor("readid"), Time{});
  EXPECT_THAT(TimesOf(Play(plan, kAlways(400))), ElementsAre(0s));
  EXPECT_EQ(SumOf(plan).lost, 1U);
}

TEST(DeliveryPlan, HoldsAllReadidCallbacksForAnHourAfterAPenalty) {
  DeliveryPlan plan(OptionsFor("readid", 4), Time{});
  bool first = true;
  const std::vector<Seen> seen =
      Play(plan, [&](const Seen&) { return std::exchange(first, false) ? 503 : 200; });
  EXPECT_THAT(TimesOf(seen), ElementsAre(0s, 1h, 1h, 1h, 1h));
  EXPECT_EQ(SumOf(plan), (DeliveryTally{.callbacks = 4,
                                        .attempts = 5,
                                        .acknowledged = 4,
                                        .lost = 0,
                                        .penalties = 1,
                                        .duplicates = 0}));
}

TEST(DeliveryPlan, HoldsNoOtherProviderAfterAReadidPenalty) {
  DeliveryPlan plan(OptionsFor("readid,eid", 40), Time{});
  const std::vector<Seen> seen = Play(plan, [&](const Seen& delivery) {
    const bool is_readid = plan.CallbackOf(delivery.callback).provider == 2;
    return is_readid && delivery.at == 0s ? 500 : 200;
  });
  for (const Seen& delivery : seen) {
    if (plan.CallbackOf(delivery.callback).provider != 1) continue;
    EXPECT_EQ(delivery.at, 0s);
  }
  EXPECT_EQ(plan.tallies()[2].penalties, 1U) << "the others were held before their first attempt";
}

TEST(DeliveryPlan, SendsPaperAndConnectOnce) {
  DeliveryPlan plan(OptionsFor("paper,connect", 20), Time{});
  EXPECT_EQ(Play(plan, kAlways(503)).size(), 20U);
  EXPECT_EQ(SumOf(plan).lost, 20U);
}

TEST(DeliveryPlan, RepeatsEventEverySixthOfItsLifetimeAtAnySpeed) {
  DeliveryPlanOptions options = OptionsFor("events");
  options.speed = 7200;
  DeliveryPlan plan(options, Time{});
  EXPECT_THAT(TimesOf(Play(plan, kAlways(503))), ElementsAre(0s, 5s, 10s, 15s, 20s, 25s));
  EXPECT_EQ(SumOf(plan).lost, 1U);
}

TEST(DeliveryPlan, SendsNoEventThatHasExpired) {
  DeliveryPlan plan(OptionsFor("events"), Time{});
  EXPECT_THAT(TimesOf(Play(plan, kAlways(0), 10s)), ElementsAre(0s, 15s, 30s))
      << "each answer takes 10 s";
}

TEST(DeliveryPlan, SettlesAnAcceptedEventThatExpiresBeforeItsRepetition) {
  DeliveryPlanOptions options = OptionsFor("events", 50);
  options.duplicate_rate = 1;
  DeliveryPlan plan(options, Time{});
  const std::vector<Seen> seen = Play(plan, kAlways(200), 40s);
  EXPECT_EQ(seen.size(), 50U) << "each answer comes after 40 s";
  EXPECT_TRUE(plan.IsDone());
}

TEST(DeliveryPlan, CountsAnEventThatIsAcceptedAfterItExpired) {
  DeliveryPlan plan(OptionsFor("events"), Time{});
  Play(
      plan, [](const Seen& seen) { return seen.attempt < 3 ? 503 : 200; }, 10s);
  EXPECT_EQ(SumOf(plan).acknowledged, 1U);
  EXPECT_EQ(SumOf(plan).late, 1U) << "sent after 30 s, answered after 40 s";
}

TEST(DeliveryPlan, StopsRetryingAfterTheFirstAcceptedDelivery) {
  DeliveryPlan plan(OptionsFor("onfido"), Time{});
  EXPECT_THAT(
      TimesOf(Play(plan, [](const Seen& delivery) { return delivery.attempt < 3 ? 0 : 200; })),
      ElementsAre(0s, 30s, 2min));
  const DeliveryPlan::Fate fate = plan.FateOf(0);
  EXPECT_TRUE(fate.acknowledged);
  EXPECT_EQ(fate.attempts, 3U);
}

TEST(DeliveryPlan, DividesDelaysByTheSpeed) {
  DeliveryPlanOptions options = OptionsFor("onfido");
  options.speed = 30;
  DeliveryPlan plan(options, Time{});
  EXPECT_THAT(TimesOf(Play(plan, kAlways(503))), ElementsAre(0s, 1s, 4s, 30s, 4min, 20min));
}

TEST(DeliveryPlan, RepeatsAcceptedDeliveriesAtTheDuplicateRate) {
  DeliveryPlanOptions options = OptionsFor("onfido,eid,readid,paper", 4000);
  options.duplicate_rate = 0.25;
  DeliveryPlan plan(options, Time{});
  const std::vector<Seen> seen = Play(plan, kAlways(200));
  const DeliveryTally sum = SumOf(plan);
  EXPECT_EQ(sum.acknowledged, 4000U);
  EXPECT_EQ(sum.duplicates, seen.size() - 4000);
  // 3000 callbacks can be repeated. A repetition may be repeated, too, while slots are left.
  EXPECT_THAT(sum.duplicates, AllOf(Ge(750U), Le(1050U)));
  EXPECT_EQ(plan.tallies()[3].duplicates, 0U) << "Paper sends once";
  std::set<std::chrono::seconds> onfido_times;
  for (const Seen& delivery : seen) {
    if (plan.CallbackOf(delivery.callback).provider == 0) onfido_times.insert(delivery.at);
  }
  EXPECT_THAT(onfido_times, ElementsAre(0s, 30s, 2min, 15min, 2h, 10h));
}

TEST(DeliveryPlan, CountsNoAcceptedCallbackAsLost) {
  DeliveryPlanOptions options = OptionsFor("onfido");
  options.duplicate_rate = 1;
  DeliveryPlan plan(options, Time{});
  Play(plan, [](const Seen& delivery) { return delivery.attempt == 1 ? 200 : 503; });
  EXPECT_EQ(SumOf(plan).lost, 0U);
  EXPECT_EQ(SumOf(plan).acknowledged, 1U);
}

TEST(DeliveryPlan, StartsCallbacksAtTheOpenLoopRate) {
  DeliveryPlanOptions options = OptionsFor("paper", 4);
  options.open_loop_rate = 0.5;
  DeliveryPlan plan(options, Time{});
  EXPECT_THAT(TimesOf(Play(plan, kAlways(200))), ElementsAre(0s, 2s, 4s, 6s));
}

TEST(DeliveryPlan, ReportsTheDueTimeOfLateOpenLoopDeliveries) {
  DeliveryPlanOptions options = OptionsFor("paper", 2);
  options.open_loop_rate = 1;
  DeliveryPlan plan(options, Time{});
  EXPECT_EQ(plan.Next(Time(5s))->due, Time(0s));
  EXPECT_EQ(plan.Next(Time(5s))->due, Time(1s));
  EXPECT_FALSE(plan.Next(Time(5s)));
}

TEST(DeliveryPlan, IsDoneImmediatelyWithoutCallbacks) {
  EXPECT_TRUE(DeliveryPlan(OptionsFor("paper", 0), Time{}).IsDone());
}

}  // namespace
}  // namespace simulator
