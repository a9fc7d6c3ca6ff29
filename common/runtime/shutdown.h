#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <stop_token>
#include <thread>

#include "common/base/deadline.h"
#include "common/base/fd.h"

namespace common {

/// Signals as events. SIGTERM or SIGINT asks for a stop; a second one ends the process at once with
/// status 1; SIGHUP calls a listener; SIGPIPE is ignored.
///
/// Threads:  construct it first in main: it blocks the signals in this thread and so in every
///           thread started afterwards. Every member may then be called from any thread.
/// Lifetime: one at a time per process. The destructor ends the threads, and so waits for a hangup
///           listener that still runs; signals stay blocked.
class Shutdown {
 public:
  Shutdown();
  ~Shutdown();
  Shutdown(const Shutdown&) = delete;
  Shutdown& operator=(const Shutdown&) = delete;

  /// Called after each SIGHUP on a thread of its own: it may take its time (a file on a mount that
  /// hangs), a stop is taken all the same. Several signals that come meanwhile are one. One that
  /// came before there was a listener is not lost. Waits until the former listener has ended.
  /// The listener must not call OnHangup. An exception that leaves it is dropped: the process goes
  /// on, and the listener reports its own failures.
  void OnHangup(std::function<void()> listener);
  /// From now on there is no listener. False: it still runs at the deadline, and the process must
  /// end without destructors.
  [[nodiscard]] bool EndHangups(Deadline deadline);

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
  /// SIGHUP, from the signal thread to the listener's.
  struct Hangup {
    std::mutex mutex;  ///< Guards all that follows.
    std::condition_variable_any changed;
    std::function<void()> listener;
    bool is_pending = false;
    bool is_running = false;
  };

  void Listen(const std::stop_token& end);
  void TakeSignals();
  void NoteHangup();
  void CallHangupListener(const std::stop_token& end);

  std::stop_source source_;
  Fd requested_;
  Fd signals_;
  Fd end_;
  Hangup hangup_;
  // Last: their destructors join the threads that use the members above.
  std::jthread hangup_thread_;
  std::jthread thread_;
};

}  // namespace common
