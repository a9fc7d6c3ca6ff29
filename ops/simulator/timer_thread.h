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

/// Runs tasks at given times, one after the other, on its own thread.
///
/// Threads:  At() may be called from any thread, also from a task.
/// Lifetime: the destructor waits for the running task and drops the others.
class TimerThread {
 public:
  using Clock = std::chrono::steady_clock;
  using Task = std::function<void()>;

  TimerThread();

  /// Runs the task at `time` or as soon as possible after it; tasks with the same time in the order
  /// of the calls.
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
