#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <stop_token>
#include <thread>
#include <vector>

#include "common/base/deadline.h"

namespace ctl {

/// Runs a few jobs at the same time, each on a thread of its own, and stops one that takes too
/// long. No job waits for another one.
///
/// Threads: any.
class JobRunner {
 public:
  /// Must end soon after a stop. Its exceptions are swallowed: it reports its own failures.
  using Job = std::function<void(const std::stop_token& stop)>;

  JobRunner(std::size_t most, std::chrono::milliseconds limit);
  /// Waits for the jobs, after their stop.
  ~JobRunner();
  JobRunner(const JobRunner&) = delete;
  JobRunner& operator=(const JobRunner&) = delete;

  /// `name`: for Stop(). False: as many jobs run as may, or it has ended.
  [[nodiscard]] bool Start(Job job, std::uint64_t name = 0);
  /// Stops the jobs of that name, if they still run.
  void Stop(std::uint64_t name);

  /// Stops all jobs and refuses new ones. False if one still runs at the deadline: then the process
  /// must exit without running destructors.
  [[nodiscard]] bool End(common::Deadline deadline);

 private:
  struct Slot {
    bool is_busy = false;
    std::uint64_t name = 0;
    std::chrono::steady_clock::time_point due{};
    std::jthread thread{};
  };

  void Run(Slot& slot, const Job& job, const std::stop_token& stop);
  void StopLateJobs(const std::stop_token& end);
  [[nodiscard]] bool IsIdle() const;

  const std::chrono::milliseconds limit_;
  std::mutex mutex_;  ///< Guards the members below, but not the threads' own work.
  std::condition_variable_any changed_;
  bool has_ended_ = false;
  std::vector<Slot> slots_;  ///< Never resized.
  // Last: its destructor joins the thread that uses the members above.
  std::jthread watch_;
};

}  // namespace ctl
