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

}  // namespace
}  // namespace soak
