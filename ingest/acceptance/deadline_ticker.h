#pragma once

#include <chrono>
#include <thread>

#include "ingest/acceptance/acceptance.h"

namespace ingest {

/// Expires the waiting requests on a thread of its own, so that a deadline holds whatever the
/// sink's library is doing.
class DeadlineTicker {
 public:
  explicit DeadlineTicker(Acceptance& acceptance,
                          std::chrono::milliseconds interval = std::chrono::milliseconds(25));

 private:
  std::jthread thread_;
};

}  // namespace ingest
