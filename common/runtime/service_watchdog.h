#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>

#include "common/base/fd.h"
#include "common/config/environment.h"
#include "common/telemetry/log.h"

namespace common {

/// The request of a service manager such as systemd: sd_notify(3), sd_watchdog_enabled(3).
struct WatchdogRequest {
  std::string socket;                 ///< A path, or an abstract name that begins with '@'.
  std::chrono::milliseconds limit{};  ///< It ends a process that is silent for longer.
};

/// From NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID. Empty if it asks for nothing, or another
/// process.
[[nodiscard]] std::optional<WatchdogRequest> FindWatchdogRequest(
    const config::Environment& environment, std::int64_t own_process);

/// Tells the service manager, four times in each limit, that this process works: as long as
/// nothing is found that stands still. Without a request it does nothing.
///
/// Threads:  one of its own, which calls `find_stalled` and the logger.
/// Lifetime: the destructor waits for that call.
class ServiceWatchdog {
 public:
  /// Names the part that makes no progress; empty if all do. It must not block.
  using FindStalled = std::function<std::optional<std::string>()>;

  ServiceWatchdog(std::optional<WatchdogRequest> request, FindStalled find_stalled,
                  const Logger& log);

 private:
  void Run(const std::stop_token& end);
  void Look();
  void Send();

  const std::optional<WatchdogRequest> request_;
  const FindStalled find_stalled_;
  const Logger& log_;
  const Fd socket_;
  bool is_stalled_ = false;
  bool is_unreachable_ = false;
  std::mutex mutex_;
  std::condition_variable_any ended_;
  std::jthread thread_;  // Last: its destructor joins the thread that uses the members above.
};

}  // namespace common
