#pragma once

#include <chrono>
#include <functional>
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

 private:
  std::jthread thread_;
};

}  // namespace ingest
