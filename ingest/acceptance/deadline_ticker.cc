#include "ingest/acceptance/deadline_ticker.h"

#include <condition_variable>
#include <mutex>
#include <new>
#include <utility>

namespace ingest {

DeadlineTicker::DeadlineTicker(Expire expire, std::chrono::milliseconds interval)
    : expire_(std::move(expire)),
      interval_(interval),
      last_tick_(std::chrono::steady_clock::now()),
      thread_([this](const std::stop_token& stop) { Run(stop); }) {}

void DeadlineTicker::Run(const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any woken;
  std::unique_lock lock(mutex);
  while (!stop.stop_requested()) {
    woken.wait_for(lock, stop, interval_, [] { return false; });
    const auto now = std::chrono::steady_clock::now();
    last_tick_ = now;
    try {
      expire_(now);
    } catch (const std::bad_alloc&) {  // The next tick retries.
    }
  }
}

std::chrono::milliseconds DeadlineTicker::SinceLastTick() const {
  return std::chrono::floor<std::chrono::milliseconds>(std::chrono::steady_clock::now() -
                                                       last_tick_.load());
}

}  // namespace ingest
