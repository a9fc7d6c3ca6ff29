#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/support/temp_directory.h"

namespace tests {

/// The path of a program that this build makes: Binary("ingest").
[[nodiscard]] std::string Binary(std::string_view name);

/// The path of a file of the project: SourcePath("ops/kafka/start").
[[nodiscard]] std::string SourcePath(std::string_view name);

/// The end of a text that may be long.
[[nodiscard]] std::string Tail(std::string text);

/// A running program. Its standard input is empty, its output is kept in files.
///
/// Lifetime: killed and reaped when the object ends, and killed when the thread that started it
///           ends, so that a test that crashes leaves nothing behind.
class Process {
 public:
  using Environment = std::vector<std::pair<std::string, std::string>>;

  /// Where its output goes: two files, or one for both.
  struct Files {
    std::filesystem::path output;
    std::filesystem::path error_output;
  };

  /// `program` is a path; `environment` is added to ours. Throws if it cannot be started.
  explicit Process(const std::string& program, std::vector<std::string> arguments = {},
                   const Environment& environment = {});
  Process(const std::string& program, std::vector<std::string> arguments,
          const Environment& environment, Files files);
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  [[nodiscard]] pid_t pid() const { return pid_; }
  [[nodiscard]] bool IsRunning();

  /// Nothing is sent once it has ended.
  void Signal(int signal);

  /// The exit status as a shell tells it, 128 + signal if a signal ended it. Not ended: nullopt.
  [[nodiscard]] std::optional<int> WaitForExit(std::chrono::milliseconds limit);

  /// SIGTERM and WaitForExit().
  [[nodiscard]] std::optional<int> Terminate(std::chrono::milliseconds limit);

  /// SIGKILL; returns when it has ended.
  void Kill();

  /// What it has written so far.
  [[nodiscard]] std::string StandardOutput() const { return ReadFile(files_.output); }
  [[nodiscard]] std::string StandardError() const { return ReadFile(files_.error_output); }

  /// Whether `text` appears in either output within the limit, and before the program has ended.
  [[nodiscard]] bool WaitForOutput(std::string_view text, std::chrono::milliseconds limit);

  /// Program, status and the last lines of its output: for the message of a failed expectation.
  [[nodiscard]] std::string Describe();

 private:
  void Run(std::vector<std::string> arguments, const Environment& environment);

  std::string program_;
  std::optional<TempDirectory> directory_;  ///< Of files that nobody has named.
  Files files_;
  pid_t pid_ = -1;
  std::optional<int> status_;
};

struct Finished {
  std::optional<int> status;  ///< nullopt: it did not end in time and was killed.
  std::string output;
  std::string error_output;
};

/// Runs a program to its end.
[[nodiscard]] Finished RunProgram(const std::string& program, std::vector<std::string> arguments,
                                  std::chrono::milliseconds limit,
                                  const Process::Environment& environment = {});

}  // namespace tests
