#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>

#include "common/base/deadline.h"
#include "common/base/fd.h"
#include "common/base/guarded.h"

namespace common {

/// Turns signals into events. SIGTERM or SIGINT requests a stop, and a second one exits the process
/// immediately with status 1. SIGHUP calls a listener. SIGPIPE is ignored.
///
/// Threads:  construct it first in main(): it blocks the signals in this thread and so in every
///           thread started later. Afterwards any thread may call any member.
/// Lifetime: one at a time per process. The destructor joins the threads and therefore waits for a
///           running hangup listener. Signals stay blocked.
class Shutdown {
 public:
  Shutdown();
  ~Shutdown();
  Shutdown(const Shutdown&) = delete;
  Shutdown& operator=(const Shutdown&) = delete;

  /// Calls `listener` after each SIGHUP, on a separate thread, so a slow listener (a hanging mount)
  /// does not delay a stop. Signals during a call are merged into one; a signal before the first
  /// listener is kept for it. OnHangup() waits until the previous listener has returned. The
  /// listener must not call OnHangup() and must report its own failures: its exceptions are
  /// swallowed.
  void OnHangup(std::function<void()> listener);
  /// Removes the listener and waits for it. False if it still runs at the deadline: then the
  /// process must exit without running destructors.
  [[nodiscard]] bool EndHangups(Deadline deadline);

  [[nodiscard]] bool IsRequested() const { return source_.stop_requested(); }
  [[nodiscard]] std::stop_token token() const { return source_.get_token(); }
  /// For poll and epoll: becomes and stays readable once a stop is requested. Do not read from it.
  [[nodiscard]] int fd() const { return requested_.get(); }

  /// True once a stop is requested; false at the deadline.
  bool WaitUntil(Deadline deadline) const;
  void Wait() const;

  /// Requests a stop, like SIGTERM.
  void Request();

  /// Calls `listener` if this object still exists `longest` after the stop was requested: whatever
  /// hangs then has had its time. It is called once, on the thread that takes the signals, and is
  /// meant to end the process. Replaces the limit before it; an empty listener removes it.
  void LimitStop(std::chrono::milliseconds longest, std::function<void()> listener);

 private:
  /// How long a stop may take.
  struct StopLimit {
    std::optional<Deadline::Clock::time_point> requested_at{};
    std::chrono::milliseconds longest{};
    std::function<void()> listener{};

    /// Empty: there is none.
    [[nodiscard]] std::optional<Deadline> Due() const;
  };

  /// Passes SIGHUP from the signal thread to the listener's thread.
  struct Hangup {
    std::mutex mutex;  ///< Guards the members below.
    std::condition_variable_any changed;
    std::function<void()> listener;
    bool is_pending = false;
    bool is_running = false;
  };

  void Listen(const std::stop_token& end);
  void HandleSignals();
  [[nodiscard]] int TimeToLimit() const;
  void EnforceLimit();
  void NoteHangup();
  void CallHangupListener(const std::stop_token& end);

  std::stop_source source_;
  Fd requested_;
  Fd signals_;
  Fd woken_;  ///< Written for the signal thread.
  Guarded<StopLimit> limit_;
  Hangup hangup_;
  // Last: their destructors join the threads that use the members above.
  std::jthread hangup_thread_;
  std::jthread thread_;
};

}  // namespace common
