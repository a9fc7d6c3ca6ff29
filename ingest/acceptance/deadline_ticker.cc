#include "ingest/acceptance/deadline_ticker.h"

#include <condition_variable>
#include <mutex>
#include <stop_token>

namespace ingest {

DeadlineTicker::DeadlineTicker(Acceptance& acceptance, std::chrono::milliseconds interval)
    : thread_([&acceptance, interval](const std::stop_token& stop) {
        std::mutex mutex;
        std::condition_variable_any woken;
        std::unique_lock lock(mutex);
        while (!stop.stop_requested()) {
          woken.wait_for(lock, stop, interval, [] { return false; });
          acceptance.ExpireUntil(std::chrono::steady_clock::now());
        }
      }) {}

}  // namespace ingest
