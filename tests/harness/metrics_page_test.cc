#include "tests/harness/metrics_page.h"

#include <gtest/gtest.h>

namespace tests {
namespace {

constexpr const char* kText =
    "# HELP callbacks_total What came.\n"
    "# TYPE callbacks_total counter\n"
    "callbacks_total{provider=\"eid\",outcome=\"stored\"} 3\n"
    "callbacks_total{provider=\"onfido\",outcome=\"stored\"} 4\n"
    "callbacks_total{provider=\"eid\",outcome=\"a \\\"b\\\", {c}\"} 10\n"
    "callbacks_total_more 100\n"
    "lag 1.5e+03\n"
    "cut_off{provider=\"e";

TEST(MetricsPage, SumsSeriesWithTheWantedLabels) {
  const MetricsPage page(kText);
  EXPECT_EQ(page.Sum("callbacks_total"), 17);
  EXPECT_EQ(page.Sum("callbacks_total", {{"outcome", "stored"}}), 7);
  EXPECT_EQ(page.Sum("callbacks_total", {{"outcome", "stored"}, {"provider", "eid"}}), 3);
  EXPECT_EQ(page.Sum("callbacks_total", {{"outcome", "a \"b\", {c}"}}), 10);
  EXPECT_EQ(page.Sum("unheard_of"), 0);
}

TEST(MetricsPage, DistinguishesAnAbsentSeriesFromZero) {
  const MetricsPage page(kText);
  EXPECT_EQ(page.Value("lag"), 1500);
  EXPECT_EQ(page.Value("cut_off"), std::nullopt);
  EXPECT_EQ(page.Value("callbacks_total", {{"provider", "paper"}}), std::nullopt);
}

}  // namespace
}  // namespace tests
