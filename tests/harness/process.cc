#include "tests/harness/process.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <stdexcept>

#include "tests/support/wait_until.h"

namespace tests {
namespace {

constexpr const char* kProgramDirectory = "SLUICE_BIN";

std::vector<std::string> WithOurs(const Process::Environment& added) {
  std::vector<std::string> all;
  for (const auto& [name, value] : added) all.push_back(name + "=" + value);
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    bool is_replaced = false;
    for (const auto& [name, value] : added) is_replaced |= text.starts_with(name + "=");
    if (!is_replaced) all.emplace_back(text);
  }
  return all;
}

std::vector<char*> Pointers(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (auto& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

struct Plan {
  std::string output;
  std::string error_output;
  std::vector<char*> arguments;
  std::vector<char*> environment;
  pid_t parent = ::getpid();
};

// Runs between fork and exec in a program with threads: may call only async-signal-safe functions.
[[noreturn]] void Become(const Plan& plan) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != plan.parent) ::_exit(127);
  const int flags = O_WRONLY | O_CREAT | O_TRUNC | O_APPEND;
  ::dup2(::open("/dev/null", O_RDONLY), STDIN_FILENO);
  ::dup2(::open(plan.output.c_str(), flags, 0600), STDOUT_FILENO);
  ::dup2(::open(plan.error_output.c_str(), flags, 0600), STDERR_FILENO);
  ::close_range(STDERR_FILENO + 1, ~0U, 0);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::execve(plan.arguments[0], plan.arguments.data(), plan.environment.data());
  constexpr std::string_view kMessage = "cannot be executed\n";
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, kMessage.data(), kMessage.size());
  ::_exit(127);
}

}  // namespace

std::string Tail(std::string text) {
  constexpr std::size_t kTailBytes = 4000;
  if (text.size() > kTailBytes) text = "…" + text.substr(text.size() - kTailBytes);
  return text;
}

void UseProgramsIn(const std::filesystem::path& directory) {
  const std::filesystem::path path = std::filesystem::absolute(directory);
  ::setenv(kProgramDirectory, path.c_str(), 1);  // NOLINT(concurrency-mt-unsafe): one thread
}

std::string Binary(std::string_view name) {
  const char* directory =
      std::getenv(kProgramDirectory);  // NOLINT(concurrency-mt-unsafe): only read
  return std::string(directory != nullptr ? directory : SLUICE_BINARY_DIR) + "/" +
         std::string(name);
}

std::string SourcePath(std::string_view name) {
  return std::string(SLUICE_SOURCE_DIR) + "/" + std::string(name);
}

Process::Process(const std::string& program, std::vector<std::string> arguments,
                 const Environment& environment)
    : program_(program), directory_(std::in_place) {
  files_ = {directory_->path() / "stdout", directory_->path() / "stderr"};
  Run(std::move(arguments), environment);
}

Process::Process(const std::string& program, std::vector<std::string> arguments,
                 const Environment& environment, Files files)
    : program_(program), files_(std::move(files)) {
  Run(std::move(arguments), environment);
}

void Process::Run(std::vector<std::string> arguments, const Environment& environment) {
  arguments.insert(arguments.begin(), program_);
  auto variables = WithOurs(environment);
  const Plan plan{files_.output.string(), files_.error_output.string(), Pointers(arguments),
                  Pointers(variables)};
  pid_ = ::fork();
  if (pid_ == 0) Become(plan);
  if (pid_ < 0) throw std::runtime_error("cannot fork for " + program_);
}

Process::~Process() { Kill(); }

bool Process::IsRunning() {
  if (status_) return false;
  int status = 0;
  if (::waitpid(pid_, &status, WNOHANG) != pid_) return true;
  status_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return false;
}

void Process::Signal(int signal) {
  if (IsRunning()) ::kill(pid_, signal);
}

std::optional<int> Process::WaitForExit(std::chrono::milliseconds limit) {
  if (!WaitUntil([this] { return !IsRunning(); }, limit, std::chrono::milliseconds(2))) {
    return std::nullopt;
  }
  return status_;
}

std::optional<int> Process::Terminate(std::chrono::milliseconds limit) {
  Signal(SIGTERM);
  return WaitForExit(limit);
}

void Process::Kill() {
  Signal(SIGKILL);
  [[maybe_unused]] const auto status = WaitForExit(std::chrono::seconds(10));
}

bool Process::WaitForOutput(std::string_view text, std::chrono::milliseconds limit) {
  const auto has_text = [&] {
    return StandardOutput().find(text) != std::string::npos ||
           StandardError().find(text) != std::string::npos;
  };
  bool has_ended = false;
  const bool is_over = WaitUntil([&] { return (has_ended = !IsRunning()) || has_text(); }, limit);
  return is_over && has_text();
}

std::string Process::Describe() {
  const bool is_running = IsRunning();
  std::string text = program_ + (is_running ? " runs" : " ended with " + std::to_string(*status_));
  if (files_.output != files_.error_output) text += "\n--- stdout\n" + Tail(StandardOutput());
  return text + "\n--- stderr\n" + Tail(StandardError());
}

Finished RunProgram(const std::string& program, std::vector<std::string> arguments,
                    std::chrono::milliseconds limit, const Process::Environment& environment) {
  Process process(program, std::move(arguments), environment);
  const auto status = process.WaitForExit(limit);
  if (!status) process.Kill();
  return {status, process.StandardOutput(), process.StandardError()};
}

}  // namespace tests
