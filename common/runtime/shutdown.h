#pragma once

#include <chrono>
#include <functional>
#include <stop_token>
#include <thread>

#include "common/base/deadline.h"
#include "common/base/fd.h"
#include "common/base/guarded.h"

namespace common {

/// Signals as events. SIGTERM or SIGINT asks for a stop; a second one ends the process at once with
/// status 1; SIGHUP calls a listener; SIGPIPE is ignored.
///
/// Threads:  construct it first in main: it blocks the signals in this thread and so in every
///           thread started afterwards. Every member may then be called from any thread.
/// Lifetime: one at a time per process. The destructor ends the thread; signals stay blocked.
class Shutdown {
 public:
  Shutdown();
  ~Shutdown();
  Shutdown(const Shutdown&) = delete;
  Shutdown& operator=(const Shutdown&) = delete;

  /// Called on the signal thread for each SIGHUP; signals wait meanwhile, so it must be short, and
  /// it must not call OnHangup. One that came before is not lost: the listener is then called at
  /// once, here. When this returns, the former listener has ended for good; {} means none.
  void OnHangup(std::function<void()> listener);

  [[nodiscard]] bool IsRequested() const { return source_.stop_requested(); }
  [[nodiscard]] std::stop_token token() const { return source_.get_token(); }
  /// Becomes and stays readable once a stop is asked for; for poll and epoll. Do not read it.
  [[nodiscard]] int fd() const { return requested_.get(); }

  /// True once a stop is asked for; false at the deadline.
  bool WaitUntil(Deadline deadline) const;
  void Wait() const;

  /// As if SIGTERM had come.
  void Request();

 private:
  struct Hangup {
    std::function<void()> listener;
    bool is_pending = false;
  };

  void Listen(const std::stop_token& end);
  void TakeSignals();
  void CallHangupListener();

  std::stop_source source_;
  Fd requested_;
  Fd signals_;
  Fd end_;
  Guarded<Hangup> hangup_;
  std::jthread thread_;  // Last: its destructor joins the thread that uses the members above.
};

}  // namespace common
