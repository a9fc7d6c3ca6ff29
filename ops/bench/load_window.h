#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "ops/simulator/latency_histogram.h"

namespace bench {

/// What some processes have used since they were started.
struct Usage {
  double cpu_seconds = 0;      ///< User and system.
  std::uint64_t switches = 0;  ///< Of threads that still run: waits and preemptions.
};
/// Errors: throws if one of them does not run.
[[nodiscard]] Usage UsageOf(const std::vector<pid_t>& processes);

/// What was done in one window of time, and what some processes used for it.
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

  /// One is done that was due at that time. It counts if it is done within the window; its latency
  /// counts if it was due within it, so that what comes late is not left out.
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
