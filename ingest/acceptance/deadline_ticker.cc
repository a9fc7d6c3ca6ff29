#include "ingest/acceptance/deadline_ticker.h"

#include <condition_variable>
#include <mutex>
#include <new>
#include <stop_token>
#include <utility>

namespace ingest {

DeadlineTicker::DeadlineTicker(Expire expire, std::chrono::milliseconds interval)
    : thread_([expire = std::move(expire), interval](const std::stop_token& stop) {
        std::mutex mutex;
        std::condition_variable_any woken;
        std::unique_lock lock(mutex);
        while (!stop.stop_requested()) {
          woken.wait_for(lock, stop, interval, [] { return false; });
          try {
            expire(std::chrono::steady_clock::now());
          } catch (const std::bad_alloc&) {  // The next tick retries.
          }
        }
      }) {}

}  // namespace ingest
