#include "ops/simulator/timer_thread.h"

#include <utility>

namespace simulator {

TimerThread::TimerThread() : thread_([this](const std::stop_token& stop) { Run(stop); }) {}

void TimerThread::At(Clock::time_point time, Task task) {
  {
    const std::lock_guard lock(mutex_);
    tasks_.emplace(time, std::move(task));
  }
  changed_.notify_one();
}

void TimerThread::Run(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    if (tasks_.empty()) {
      changed_.wait(lock, stop, [this] { return !tasks_.empty(); });
      continue;
    }
    const Clock::time_point first = tasks_.begin()->first;
    if (first > Clock::now()) {
      changed_.wait_until(lock, stop, first, [&] { return tasks_.begin()->first < first; });
      continue;
    }
    const Task task = std::move(tasks_.extract(tasks_.begin()).mapped());
    lock.unlock();
    task();
    lock.lock();
  }
}

}  // namespace simulator
