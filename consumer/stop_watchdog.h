#pragma once

#include <condition_variable>
#include <cstdlib>
#include <mutex>
#include <stop_token>
#include <thread>

#include "common/base/deadline.h"
#include "common/telemetry/log.h"

namespace consumer {

/// Ends the process at the deadline unless destroyed before: librdkafka's destructors wait for
/// brokers that may be unavailable. Loses nothing: what is uncommitted by then will never be
/// committed.
class StopWatchdog {
 public:
  StopWatchdog(common::Deadline deadline, const common::Logger& log, int status)
      : thread_([this, deadline, &log, status](const std::stop_token& stop) {
          std::unique_lock lock(mutex_);
          changed_.wait_until(lock, stop, deadline.at(), [] { return false; });
          if (stop.stop_requested()) return;
          log.Warn("consumer.stop_cut_short", {{"status", status}});
          std::_Exit(status);
        }) {}

 private:
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::jthread thread_;  // Last: its destructor joins the thread that uses the members above.
};

}  // namespace consumer
