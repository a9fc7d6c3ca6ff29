#include "ops/ctl/time_limit.h"

#include <unistd.h>

#include <csignal>
#include <string>

#include "common/config/program_options.h"
#include "common/config/units.h"

namespace ctl {
namespace {

constexpr std::chrono::seconds kGrace{5};

[[noreturn]] void EndNow(int /*signal*/) { ::_exit(common::config::kExitCannotRun); }

/// The thread inherits this, so that the signal goes to one that waits for it.
class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;

 private:
  sigset_t before_{};
};

}  // namespace

TimeLimit::TimeLimit(std::chrono::milliseconds limit) {
  std::signal(SIGTERM, EndNow);
  const SignalsBlocked blocked;
  thread_ = std::jthread([this, limit](const std::stop_token& stop) { Run(stop, limit); });
}

TimeLimit::~TimeLimit() {
  thread_.request_stop();
  thread_.join();
  std::signal(SIGTERM, SIG_DFL);
}

void TimeLimit::Run(const std::stop_token& stop, std::chrono::milliseconds limit) {
  const auto wait = [&](std::chrono::milliseconds time) {
    std::unique_lock lock(mutex_);
    never_.wait_for(lock, stop, time, [] { return false; });
  };
  wait(limit);
  if (stop.stop_requested()) return;
  is_over_.store(true);
  const std::string line =
      "sluicectl: not done within " + common::config::FormatDuration(limit) + "\n";
  static_cast<void>(::write(STDERR_FILENO, line.data(), line.size()));
  ::kill(::getpid(), SIGTERM);
  wait(kGrace);
  if (!stop.stop_requested()) ::_exit(common::config::kExitCannotRun);
}

}  // namespace ctl
