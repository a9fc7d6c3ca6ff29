#include "ops/simulator/latency_histogram.h"

#include <algorithm>
#include <cmath>

namespace simulator {
namespace {

constexpr std::size_t kBuckets = 2'102;  // 1 µs * 1.01^2101 is more than 20 min.
constexpr double kGrowth = 1.01;
constexpr double kSmallestMs = 0.001;

}  // namespace

LatencyHistogram::LatencyHistogram() : buckets_(kBuckets) {}

void LatencyHistogram::Add(Duration latency) {
  const double ratio = std::max(1.0, latency.count() / kSmallestMs);
  const auto bucket = static_cast<std::size_t>(std::ceil(std::log(ratio) / std::log(kGrowth)));
  ++buckets_[std::min(bucket, kBuckets - 1)];
  ++count_;
  max_ = std::max(max_, latency);
}

LatencyHistogram::Duration LatencyHistogram::Percentile(double share) const {
  const auto rank = static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(count_)));
  std::uint64_t below = 0;
  for (std::size_t bucket = 0; bucket < kBuckets; ++bucket) {
    below += buckets_[bucket];
    if (below > 0 && below >= rank) {
      return std::min(max_, Duration(kSmallestMs * std::pow(kGrowth, static_cast<double>(bucket))));
    }
  }
  return Duration(0);
}

}  // namespace simulator
