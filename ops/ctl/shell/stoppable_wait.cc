#include "ops/ctl/shell/stoppable_wait.h"

#include <condition_variable>
#include <mutex>

namespace ctl {

bool WaitUntil(common::Deadline deadline, const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any stopped;
  std::unique_lock lock(mutex);
  return stopped.wait_until(lock, stop, deadline.at(), [&] { return stop.stop_requested(); });
}

}  // namespace ctl
