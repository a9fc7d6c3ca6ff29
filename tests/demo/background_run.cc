#include "tests/demo/background_run.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <string>

#include "tests/support/temp_directory.h"
#include "tests/support/wait_until.h"

namespace demo {
namespace {

constexpr std::chrono::seconds kStopLimit(60);
constexpr const char* kPidFile = "pid";

sigset_t StopSignals() {
  sigset_t signals;
  ::sigemptyset(&signals);
  ::sigaddset(&signals, SIGTERM);
  return signals;
}

int ExitStatusOf(pid_t child) {
  int status = 0;
  if (::waitpid(child, &status, 0) != child || !WIFEXITED(status)) return EXIT_FAILURE;
  return WEXITSTATUS(status);
}

/// False if another program has got the pid since.
bool IsOurs(pid_t pid) {
  std::error_code error;
  const auto theirs = std::filesystem::read_symlink("/proc/" + std::to_string(pid) + "/exe", error);
  return !error && theirs == std::filesystem::read_symlink("/proc/self/exe");
}

}  // namespace

std::optional<int> BackgroundRun::Begin() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
  const common::Fd read_end(ends[0]);
  status_ = common::Fd(ends[1]);
  const pid_t child = ::fork();
  if (child < 0) throw std::runtime_error("cannot fork");
  if (child == 0) {
    ::setsid();
    const sigset_t signals = StopSignals();
    ::sigprocmask(SIG_BLOCK, &signals, nullptr);
    return std::nullopt;
  }
  status_ = common::Fd();
  char status = 0;
  if (::read(read_end.get(), &status, 1) == 1) return status;
  return ExitStatusOf(child);
}

void BackgroundRun::NotePidIn(const std::filesystem::path& directory) {
  std::ofstream(directory / kPidFile) << ::getpid() << '\n';
}

void BackgroundRun::TellStatusAndWait(int status) {
  const common::Fd nowhere(::open("/dev/null", O_WRONLY | O_CLOEXEC));
  ::dup2(nowhere.get(), STDOUT_FILENO);
  ::dup2(nowhere.get(), STDERR_FILENO);
  const char byte = static_cast<char>(status);
  if (::write(status_.get(), &byte, 1) != 1) return;
  const sigset_t signals = StopSignals();
  int signal = 0;
  ::sigwait(&signals, &signal);
}

void StopBackgroundRun(const std::filesystem::path& directory) {
  const pid_t pid = std::atoi(tests::ReadFile(directory / kPidFile).c_str());
  if (pid <= 0 || !IsOurs(pid)) return;
  ::kill(pid, SIGTERM);
  if (tests::WaitUntil([&] { return !IsOurs(pid); }, kStopLimit)) return;
  ::kill(pid, SIGKILL);
}

}  // namespace demo
