#include "tests/harness/program.h"

#include <stdexcept>
#include <utility>

#include "tests/support/temp_directory.h"
#include "tests/support/wait_until.h"

namespace tests {

Program::Program(std::filesystem::path directory, ProgramPlan plan)
    : directory_(std::move(directory)), plan_(std::move(plan)) {}

std::filesystem::path Program::LogOfRun(std::size_t run) const {
  return directory_ / (plan_.name + (run == runs_ ? "" : ".run-" + std::to_string(run)) + ".log");
}

void Program::Launch() {
  const auto last = LogOfRun(runs_);
  ++runs_;
  if (runs_ > 1) std::filesystem::rename(last, LogOfRun(runs_ - 1));
  const auto log = LogOfRun(runs_);
  process_ = std::make_unique<Process>(plan_.binary, plan_.arguments, Process::Environment{},
                                       Process::Files{log, log});
}

bool Program::HasStarted() {
  const bool has_ended = !IsRunning();
  if (Log().find(plan_.started_event) != std::string::npos) return true;
  if (has_ended) throw std::runtime_error(plan_.name + " does not start\n" + Describe());
  return false;
}

void Program::Start(std::chrono::seconds limit) {
  Launch();
  if (!WaitUntil([this] { return HasStarted(); }, limit)) {
    throw std::runtime_error(plan_.name + " does not start in time\n" + Describe());
  }
}

int Program::Stop(std::chrono::seconds limit) {
  const auto status = process_->Terminate(limit);
  if (!status) throw std::runtime_error(plan_.name + " does not stop\n" + Describe());
  return *status;
}

void Program::Require() {
  if (!IsRunning()) throw std::runtime_error(plan_.name + " has ended by itself\n" + Describe());
}

std::string Program::Log() const { return runs_ == 0 ? "" : ReadFile(LogOfRun(runs_)); }

std::vector<std::string> Program::Logs() const {
  std::vector<std::string> logs;
  for (std::size_t run = 1; run <= runs_; ++run) logs.push_back(ReadFile(LogOfRun(run)));
  return logs;
}

std::string Program::Describe() {
  if (runs_ == 0) return plan_.name + " was never started";
  std::string text;
  if (runs_ > 1) {
    text = "--- the run before\n" + Tail(ReadFile(LogOfRun(runs_ - 1))) + "\n";
  }
  return text + process_->Describe();
}

}  // namespace tests
