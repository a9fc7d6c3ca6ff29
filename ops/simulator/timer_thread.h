#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <stop_token>
#include <thread>

namespace simulator {

/// Runs tasks at their times, one after the other, on a thread of its own.
///
/// Threads:  At() from any thread, also from a task.
/// Lifetime: destruction waits for the task that is running and drops the others.
class TimerThread {
 public:
  using Clock = std::chrono::steady_clock;
  using Task = std::function<void()>;

  TimerThread();

  /// At `time` or as soon after it as possible; tasks of the same time in the order of the calls.
  void At(Clock::time_point time, Task task);
  void Soon(Task task) { At(Clock::time_point::min(), std::move(task)); }

 private:
  void Run(const std::stop_token& stop);

  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::multimap<Clock::time_point, Task> tasks_;
  // Last: its destructor joins the thread that uses the members above.
  std::jthread thread_;
};

}  // namespace simulator
