#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/harness/process.h"

namespace tests {

struct ProgramPlan {
  std::string name;    ///< For its logs.
  std::string binary;  ///< A path.
  std::vector<std::string> arguments;
  std::string started_event;  ///< Its log contains this once it works.
};

/// A program that can be started repeatedly, with one log for each run.
///
///   NAME.log          the current or last run; both its outputs
///   NAME.run-1.log    the first run, once there is a second one
///
/// Errors: unexpected behaviour of the program is thrown, with the end of its log.
class Program {
 public:
  Program(std::filesystem::path directory, ProgramPlan plan);

  /// Runs this binary from the next start on.
  void Use(std::string binary) { plan_.binary = std::move(binary); }
  /// Starts a run. Precondition: the program is not running.
  void Launch();
  /// True if the run has logged its event. Throws if it has exited.
  [[nodiscard]] bool HasStarted();
  /// Launches the program and waits for its event.
  void Start(std::chrono::seconds limit = std::chrono::seconds(60));

  [[nodiscard]] bool IsRunning() { return process_ && process_->IsRunning(); }
  [[nodiscard]] Process& process() { return *process_; }
  [[nodiscard]] const std::string& name() const { return plan_.name; }

  /// SIGKILL; returns once the program has exited.
  void Kill() { process_->Kill(); }
  /// SIGTERM; returns the exit status.
  int Stop(std::chrono::seconds limit = std::chrono::seconds(20));

  /// Throws if the program is not running.
  void Require();

  /// The log of the current or last run.
  [[nodiscard]] std::string Log() const;
  /// The logs of all runs, oldest first.
  [[nodiscard]] std::vector<std::string> Logs() const;

  /// The state, and the ends of the last two logs.
  [[nodiscard]] std::string Describe();

 private:
  [[nodiscard]] std::filesystem::path LogOfRun(std::size_t run) const;

  std::filesystem::path directory_;
  ProgramPlan plan_;
  std::size_t runs_ = 0;
  std::unique_ptr<Process> process_;
};

}  // namespace tests
