#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "ops/simulator/latency_histogram.h"

namespace bench {

/// The resource usage of some processes since their start.
struct Usage {
  double cpu_seconds = 0;      ///< User and system.
  std::uint64_t switches = 0;  ///< Waits and preemptions of running threads.
};
/// Errors: throws if one of them is not running.
[[nodiscard]] Usage UsageOf(const std::vector<pid_t>& processes);

/// Counts the work done in a time window, and the resource usage of some processes in it.
///
///   kBefore --Begin()--> kMeasuring --End()--> kAfter
///
/// Threads: one at a time.
class LoadWindow {
 public:
  using Clock = std::chrono::steady_clock;

  explicit LoadWindow(std::vector<pid_t> processes) : processes_(std::move(processes)) {}

  void Begin(Clock::time_point now);
  void End(Clock::time_point now);

  /// Records a completion. It counts if it happens within the window; its latency counts if it was
  /// due within the window, so that late ones are included.
  void Done(Clock::time_point due, Clock::time_point now);
  [[nodiscard]] std::uint64_t done() const { return done_; }

  /// {"done":…,"per_s":…,"cpu_us":…,"switches":…,"p50_ms":…,"p99_ms":…,"p999_ms":…,"max_ms":…}
  [[nodiscard]] std::string ToJson() const;

 private:
  std::vector<pid_t> processes_;
  Clock::time_point begun_ = Clock::time_point::max();
  Clock::time_point ended_ = Clock::time_point::max();
  Usage before_;
  Usage after_;
  std::uint64_t done_ = 0;
  simulator::LatencyHistogram latencies_;
};

}  // namespace bench
