#include "tests/soak/callback_writer.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace soak {
namespace {

TEST(PlanDeliveries, DeliversEachCallbackAndItsRedeliveries) {
  constexpr int kCallbacks = 500;
  for (const int redeliveries : {0, 1, 2, 3}) {
    const auto order = PlanDeliveries(kCallbacks, redeliveries, 7);
    ASSERT_EQ(order.size(), static_cast<std::size_t>(kCallbacks * (1 + redeliveries)));
    for (int callback = 0; callback < kCallbacks; ++callback) {
      EXPECT_EQ(std::ranges::count(order, callback), 1 + redeliveries) << callback;
    }
  }
}

TEST(PlanDeliveries, KeepsTheOrderOfFirstDeliveriesAndDependsOnTheSeed) {
  EXPECT_EQ(PlanDeliveries(4, 0, 1), (std::vector<int>{0, 1, 2, 3}));
  EXPECT_EQ(PlanDeliveries(300, 3, 5), PlanDeliveries(300, 3, 5));
  EXPECT_NE(PlanDeliveries(300, 3, 5), PlanDeliveries(300, 3, 6));
}

TEST(PlanDeliveries, RedeliversSomeCallbacksLate) {
  const auto order = PlanDeliveries(10'000, 3, 3);
  const auto last = std::ranges::find(order.rbegin(), order.rend(), 0);
  EXPECT_GT(order.rend() - last, 50) << "no delivery of the first callback comes late";
}

TEST(LostCallbacks, AreAboutAsManyAsAskedForAndDependOnTheSeed) {
  const auto choose = [](int percent, std::uint64_t seed) {
    std::vector<int> lost;
    for (int callback = 0; callback < 10'000; ++callback) {
      if (IsLost(callback, percent, seed)) lost.push_back(callback);
    }
    return lost;
  };
  EXPECT_EQ(choose(0, 1), std::vector<int>());
  EXPECT_NEAR(static_cast<double>(choose(5, 1).size()), 500, 100);
  EXPECT_EQ(choose(5, 1), choose(5, 1));
  EXPECT_NE(choose(5, 1), choose(5, 2));
}

}  // namespace
}  // namespace soak
