#include "ops/simulator/latency_histogram.h"

#include <gtest/gtest.h>

namespace simulator {
namespace {

using Ms = LatencyHistogram::Duration;

TEST(LatencyHistogram, IsZeroWhenEmpty) { EXPECT_EQ(LatencyHistogram().Percentile(0.99), Ms(0)); }

TEST(LatencyHistogram, OverestimatesByAtMostOnePercent) {
  LatencyHistogram latencies;
  for (int n = 1; n <= 10'000; ++n) latencies.Add(Ms(n * 0.1));
  for (const double share : {0.01, 0.5, 0.9, 0.99, 0.999, 1.0}) {
    const double exact = share * 1000;
    EXPECT_GE(latencies.Percentile(share).count(), exact * 0.9999) << share;
    EXPECT_LE(latencies.Percentile(share).count(), exact * 1.0101) << share;
  }
  EXPECT_EQ(latencies.max(), Ms(1000));
}

TEST(LatencyHistogram, RecordsTheShortestAndLongestDurations) {
  LatencyHistogram latencies;
  latencies.Add(Ms(0));
  latencies.Add(Ms(1e9));
  EXPECT_LE(latencies.Percentile(0.5).count(), 0.001);
  EXPECT_EQ(latencies.max(), Ms(1e9));
}

}  // namespace
}  // namespace simulator
