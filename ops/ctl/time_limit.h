#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace ctl {

/// Ends the process if it outlives the limit, with status 1 and a line on stderr. A command that
/// handles SIGTERM (see common::Shutdown) gets that signal and 5 s more.
///
/// Threads: one of its own. Construct it before any thread that does not block SIGTERM.
class TimeLimit {
 public:
  explicit TimeLimit(std::chrono::milliseconds limit);
  ~TimeLimit();
  TimeLimit(const TimeLimit&) = delete;
  TimeLimit& operator=(const TimeLimit&) = delete;

  /// The limit has been reached; the command was asked to end.
  [[nodiscard]] bool IsOver() const { return is_over_.load(); }

 private:
  void Run(const std::stop_token& stop, std::chrono::milliseconds limit);

  std::atomic<bool> is_over_{false};
  std::mutex mutex_;
  std::condition_variable_any never_;
  std::jthread thread_;  // Last: its destructor joins the thread that uses the members above.
};

}  // namespace ctl
