#include "ingest/acceptance/in_flight.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <deque>
#include <map>
#include <random>
#include <string>

namespace ingest {
namespace {

using std::chrono::milliseconds;

InFlight<std::string>::TimePoint At(int ms) {
  return InFlight<std::string>::TimePoint(milliseconds(ms));
}

TEST(InFlight, ReturnsAnEntryOnce) {
  InFlight<std::string> in_flight;
  const std::uint64_t number = in_flight.Add("a", At(100));
  EXPECT_EQ(in_flight.Take(number), "a");
  EXPECT_EQ(in_flight.Take(number), std::nullopt);
  EXPECT_EQ(in_flight.size(), 0U);
}

TEST(InFlight, DistinguishesALaterEntryOfTheSameSlot) {
  InFlight<std::string> in_flight;
  const std::uint64_t first = in_flight.Add("a", At(100));
  in_flight.Take(first);
  const std::uint64_t second = in_flight.Add("b", At(200));
  EXPECT_NE(first, second);
  EXPECT_EQ(in_flight.Take(first), std::nullopt);
  EXPECT_EQ(in_flight.Take(second), "b");
}

TEST(InFlight, RejectsUnknownNumbers) {
  InFlight<std::string> in_flight;
  EXPECT_EQ(in_flight.Take(0), std::nullopt);
  EXPECT_EQ(in_flight.Take(~std::uint64_t{0}), std::nullopt);
}

TEST(InFlight, ExpiresTheOldestEntryFirstAtItsDeadline) {
  InFlight<std::string> in_flight;
  in_flight.Add("a", At(100));
  in_flight.Add("b", At(200));
  EXPECT_EQ(in_flight.TakeExpired(At(99)), std::nullopt);
  EXPECT_EQ(in_flight.TakeExpired(At(100)), "a");
  EXPECT_EQ(in_flight.TakeExpired(At(100)), std::nullopt);
  EXPECT_EQ(in_flight.TakeExpired(At(1000)), "b");
  EXPECT_EQ(in_flight.TakeExpired(At(1000)), std::nullopt);
}

TEST(InFlight, KeepsTheOrderWhenAMiddleEntryLeaves) {
  InFlight<std::string> in_flight;
  in_flight.Add("a", At(1));
  const std::uint64_t b = in_flight.Add("b", At(2));
  in_flight.Add("c", At(3));
  in_flight.Take(b);
  in_flight.Add("d", At(4));
  std::string order;
  while (const auto expired = in_flight.TakeExpired(At(9))) order += *expired;
  EXPECT_EQ(order, "acd");
}

TEST(InFlight, FindsAnEntryWithoutRemovingIt) {
  InFlight<std::string> in_flight;
  const std::uint64_t number = in_flight.Add("a", At(100));
  ASSERT_NE(in_flight.Find(number), nullptr);
  EXPECT_EQ(*in_flight.Find(number), "a");
  EXPECT_EQ(in_flight.FindExpired(At(99)), std::nullopt);
  EXPECT_EQ(in_flight.FindExpired(At(100)), number);
  EXPECT_EQ(in_flight.Take(number), "a");
  EXPECT_EQ(in_flight.Find(number), nullptr);
  EXPECT_EQ(in_flight.FindExpired(At(100)), std::nullopt);
}

// Compares with a model: a deque of the entries in flight.
TEST(InFlight, AgreesWithASimpleModel) {
  const unsigned seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  InFlight<int> in_flight;
  std::deque<std::pair<std::uint64_t, int>> model;
  std::vector<std::uint64_t> stale;
  for (int step = 0; step < 20'000; ++step) {
    switch (random() % 4) {
      case 0:
      case 1:
        model.emplace_back(in_flight.Add(step, At(step)), step);
        break;
      case 2: {
        if (model.empty()) break;
        const auto chosen = model.begin() + static_cast<std::ptrdiff_t>(random() % model.size());
        ASSERT_EQ(in_flight.Take(chosen->first), chosen->second);
        stale.push_back(chosen->first);
        model.erase(chosen);
        break;
      }
      default: {
        const int until = step - static_cast<int>(random() % 50);
        while (!model.empty() && model.front().second <= until) {
          ASSERT_EQ(in_flight.TakeExpired(At(until)), model.front().second);
          stale.push_back(model.front().first);
          model.pop_front();
        }
        ASSERT_EQ(in_flight.TakeExpired(At(until)), std::nullopt);
      }
    }
    ASSERT_EQ(in_flight.size(), model.size());
    if (!stale.empty()) {
      ASSERT_EQ(in_flight.Take(stale[random() % stale.size()]), std::nullopt);
    }
  }
}

}  // namespace
}  // namespace ingest
