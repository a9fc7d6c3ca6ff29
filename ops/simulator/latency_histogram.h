#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

namespace simulator {

/// Counts durations from 1 µs to 20 min in buckets that grow by 1 %, so its size is constant. A
/// percentile is at most 1 % too high.
class LatencyHistogram {
 public:
  using Duration = std::chrono::duration<double, std::milli>;

  LatencyHistogram();

  void Add(Duration latency);
  /// `share` from 0 to 1. Zero if empty.
  [[nodiscard]] Duration Percentile(double share) const;
  [[nodiscard]] Duration max() const { return max_; }

 private:
  std::vector<std::uint64_t> buckets_;
  std::uint64_t count_ = 0;
  Duration max_{0};
};

}  // namespace simulator
