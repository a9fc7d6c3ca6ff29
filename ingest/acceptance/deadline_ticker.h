#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <stop_token>
#include <thread>

#include "ingest/acceptance/acceptance.h"

namespace ingest {

/// Expires requests on a separate thread, so that their deadline holds even if the sink's library
/// blocks.
class DeadlineTicker {
 public:
  using Expire = std::function<void(std::chrono::steady_clock::time_point now)>;

  explicit DeadlineTicker(Expire expire,
                          std::chrono::milliseconds interval = std::chrono::milliseconds(25));
  explicit DeadlineTicker(Acceptance& acceptance,
                          std::chrono::milliseconds interval = std::chrono::milliseconds(25))
      : DeadlineTicker([&acceptance](auto now) { acceptance.ExpireUntil(now); }, interval) {}

  /// Since when the thread has made no progress.
  ///
  /// Threads: any.
  [[nodiscard]] std::chrono::milliseconds SinceLastTick() const;

 private:
  void Run(const std::stop_token& stop);

  const Expire expire_;
  const std::chrono::milliseconds interval_;
  std::atomic<std::chrono::steady_clock::time_point> last_tick_;
  std::jthread thread_;  // Last: its destructor joins the thread that uses the members above.
};

}  // namespace ingest
