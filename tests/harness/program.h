#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tests/harness/process.h"

namespace tests {

struct ProgramPlan {
  std::string name;    ///< Of its logs.
  std::string binary;  ///< A path.
  std::vector<std::string> arguments;
  std::string started_event;  ///< What its log holds once it works.
};

/// A program that is started again and again, each run with a log of its own.
///
///   NAME.log          the run that is going on, or the last one; both its outputs
///   NAME.run-1.log    the first run, once there is a second one
///
/// Errors: what a program should do and does not is thrown with the end of its log.
class Program {
 public:
  Program(std::filesystem::path directory, ProgramPlan plan);

  /// Begins a run. The program must not be running.
  void Launch();
  /// Whether the run has logged its event. Throws if it has ended.
  [[nodiscard]] bool HasStarted();
  /// Launch(), and waits until it has started.
  void Start(std::chrono::seconds limit = std::chrono::seconds(60));

  [[nodiscard]] bool IsRunning() { return process_ && process_->IsRunning(); }
  [[nodiscard]] Process& process() { return *process_; }
  [[nodiscard]] const std::string& name() const { return plan_.name; }

  /// SIGKILL; returns when it has ended.
  void Kill() { process_->Kill(); }
  /// SIGTERM; returns the exit status.
  int Stop(std::chrono::seconds limit = std::chrono::seconds(20));

  /// Throws if it is not running.
  void Require();

  /// Of the run that is going on, or the last one.
  [[nodiscard]] std::string Log() const;
  /// Of all runs, the earliest first.
  [[nodiscard]] std::vector<std::string> Logs() const;

  /// Its state and the end of its log, and of the log before.
  [[nodiscard]] std::string Describe();

 private:
  [[nodiscard]] std::filesystem::path LogOfRun(std::size_t run) const;

  std::filesystem::path directory_;
  ProgramPlan plan_;
  std::size_t runs_ = 0;
  std::unique_ptr<Process> process_;
};

}  // namespace tests
