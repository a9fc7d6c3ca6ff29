#include "ingest/policy/shedding.h"

#include <gtest/gtest.h>

#include <chrono>
#include <limits>
#include <map>
#include <ostream>
#include <random>
#include <string>
#include <vector>

namespace ingest {
namespace {

using common::ProviderRow;
using common::ProviderTable;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr LoadBounds kBounds{.max_requests = 1000, .max_bytes = 100'000};

RefusalCost CostOf(const char* provider) {
  static const ProviderTable table;
  return CostOfRefusing(table[table.Resolve(provider)]);
}

TEST(CostOfRefusing, OrdersTheBuiltInProvidersByTheirNextAttempt) {
  EXPECT_EQ(CostOf("onfido"), RefusalCost::kSoon);
  EXPECT_EQ(CostOf("eid"), RefusalCost::kLater);
  EXPECT_EQ(CostOf("readid"), RefusalCost::kMuchLater);
  for (const char* sends_once : {"paper", "connect", "webid", "pictureid", "unknown"}) {
    EXPECT_EQ(CostOf(sends_once), RefusalCost::kNever) << sends_once;
  }
}

struct ScheduleCase {
  const char* name;
  std::vector<seconds> schedule;
  RefusalCost cost;
  friend void PrintTo(const ScheduleCase& c, std::ostream* out) { *out << c.name; }
};

class CostOfScheduleTest : public ::testing::TestWithParam<ScheduleCase> {};

TEST_P(CostOfScheduleTest, DependsOnlyOnTheFirstRetry) {
  ProviderRow row{.name = "onfido", .transient_status = 503};
  row.retry_schedule = GetParam().schedule;
  EXPECT_EQ(CostOfRefusing(row), GetParam().cost);
  row.name = "another";
  row.transient_status = 429;
  row.penalises_statuses = true;
  EXPECT_EQ(CostOfRefusing(row), GetParam().cost) << "only the schedule counts";
}

INSTANTIATE_TEST_SUITE_P(
    Schedules, CostOfScheduleTest,
    ::testing::Values(ScheduleCase{"none", {}, RefusalCost::kNever},
                      ScheduleCase{"at_once", {seconds(0)}, RefusalCost::kSoon},
                      ScheduleCase{"five_minutes", {minutes(5), hours(10)}, RefusalCost::kSoon},
                      ScheduleCase{"over_five_minutes", {seconds(301)}, RefusalCost::kLater},
                      ScheduleCase{"half_an_hour", {minutes(30)}, RefusalCost::kLater},
                      ScheduleCase{"over_half_an_hour", {seconds(1801)}, RefusalCost::kMuchLater},
                      ScheduleCase{"a_day", {hours(24)}, RefusalCost::kMuchLater}),
    [](const auto& tested) { return std::string(tested.param.name); });

/// The accepted classes, as letters: u s l m n.
std::string Taken(const Load& load, std::size_t body, const LoadBounds& bounds = kBounds) {
  std::string taken;
  for (const RefusalCost cost : kAllRefusalCosts) {
    if (!MustShed(load, body, cost, bounds)) taken += "uslmn"[static_cast<std::size_t>(cost)];
  }
  return taken;
}

TEST(Shedding, RefusesClassByClassAsRequestsRise) {
  const std::map<std::size_t, std::string> expected = {
      {0, "uslmn"}, {599, "uslmn"}, {600, "slmn"}, {699, "slmn"}, {700, "lmn"}, {799, "lmn"},
      {800, "mn"},  {899, "mn"},    {900, "n"},    {999, "n"},    {1000, ""},   {5000, ""}};
  for (const auto& [requests, taken] : expected) {
    EXPECT_EQ(Taken({.requests = requests}, 0), taken) << requests << " in flight";
  }
}

TEST(Shedding, RefusesClassByClassAsBytesRise) {
  const std::map<std::size_t, std::string> expected = {
      {0, "uslmn"},   {59'999, "uslmn"}, {60'000, "slmn"}, {70'000, "lmn"},
      {80'000, "mn"}, {90'000, "n"},     {99'990, "n"},    {99'991, ""}};
  for (const auto& [bytes, taken] : expected) {
    EXPECT_EQ(Taken({.requests = 1, .bytes = bytes}, 10), taken) << bytes << " bytes";
  }
}

TEST(Shedding, NeverExceedsABound) {
  EXPECT_EQ(Taken({.bytes = 50'000}, 50'000), "uslmn");
  EXPECT_EQ(Taken({.bytes = 50'000}, 50'001), "");
  EXPECT_EQ(Taken({}, 100'001), "");
  EXPECT_EQ(Taken({.bytes = 1}, std::numeric_limits<std::size_t>::max()), "");
}

TEST(Shedding, AcceptsABodyOfTheWholeBoundWithoutOtherLoad) {
  EXPECT_EQ(Taken({}, 100'000), "uslmn");
  EXPECT_EQ(Taken({}, 1, {.max_requests = 1, .max_bytes = 1}), "uslmn");
}

TEST(Shedding, IgnoresARequestsOwnBytes) {
  EXPECT_FALSE(MustShedBytes(90'000, 90'000, 10'000, RefusalCost::kSoon, kBounds));
  EXPECT_TRUE(MustShedBytes(90'000, 20'000, 10'000, RefusalCost::kSoon, kBounds));
  EXPECT_FALSE(MustShedBytes(90'000, 20'001, 10'000, RefusalCost::kSoon, kBounds));
  EXPECT_TRUE(MustShedBytes(90'000, 90'000, 10'001, RefusalCost::kNever, kBounds));
}

TEST(Shedding, ComputesSharesOfLargeBoundsWithoutOverflow) {
  constexpr std::size_t kMost = std::numeric_limits<std::size_t>::max();
  const LoadBounds share =
      ShareOf(RefusalCost::kNever, {.max_requests = kMost, .max_bytes = kMost});
  EXPECT_EQ(share.max_requests, kMost);
  EXPECT_EQ(share.max_bytes, kMost);
  EXPECT_LT(ShareOf(RefusalCost::kMuchLater, {kMost, kMost}).max_bytes, kMost);
}

TEST(Shedding, HasRoomForAllExactlyWhenNoClassIsRefused) {
  EXPECT_TRUE(HasRoomForAll({.requests = 599, .bytes = 59'999}, kBounds));
  EXPECT_FALSE(HasRoomForAll({.requests = 600, .bytes = 0}, kBounds));
  EXPECT_FALSE(HasRoomForAll({.requests = 0, .bytes = 60'000}, kBounds));
}

// Whatever the order of requests: if a class is refused, so are all cheaper ones; the bounds hold;
// and senders that retry never take the reserve.
TEST(Shedding, HoldsItsRulesUnderRandomTraffic) {
  const unsigned seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  const auto below = [&](std::size_t limit) {
    return std::uniform_int_distribution<std::size_t>(0, limit - 1)(random);
  };
  for (int run = 0; run < 50; ++run) {
    const LoadBounds bounds{.max_requests = 1 + below(300), .max_bytes = 1 + below(100'000)};
    const std::size_t largest = 1 + below(bounds.max_bytes);
    struct InFlight {
      std::size_t body;
      RefusalCost cost;
    };
    std::vector<InFlight> in_flight;
    Load load;
    for (int step = 0; step < 2000; ++step) {
      if (!in_flight.empty() && below(5) < 2) {
        std::swap(in_flight[below(in_flight.size())], in_flight.back());
        load.bytes -= in_flight.back().body;
        --load.requests;
        in_flight.pop_back();
        continue;
      }
      const std::size_t body = below(largest + 1);
      bool was_taken = false;
      for (const RefusalCost cost : kAllRefusalCosts) {
        const bool is_taken = !MustShed(load, body, cost, bounds);
        ASSERT_TRUE(is_taken || !was_taken)
            << "a costlier class must not be refused before a cheaper one";
        was_taken = is_taken;
      }
      const RefusalCost cost = kAllRefusalCosts[below(std::size(kAllRefusalCosts))];
      if (MustShed(load, body, cost, bounds)) continue;
      const LoadBounds share = ShareOf(cost, bounds);
      ASSERT_LT(load.requests, share.max_requests);
      ASSERT_TRUE(load.bytes == 0 || load.bytes < share.max_bytes);
      in_flight.push_back({body, cost});
      load.bytes += body;
      ++load.requests;
      ASSERT_LE(load.requests, bounds.max_requests);
      ASSERT_LE(load.bytes, bounds.max_bytes);
      if (cost != RefusalCost::kNever && bounds.max_requests >= 10) {
        ASSERT_LT(load.requests, bounds.max_requests) << "the reserve must stay free";
      }
    }
  }
}

}  // namespace
}  // namespace ingest
