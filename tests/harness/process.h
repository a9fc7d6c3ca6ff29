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

/// The path of a program of this build: Binary("ingest").
[[nodiscard]] std::string Binary(std::string_view name);

/// Binary() and the started processes use the programs in this directory instead. Call before there
/// are other threads.
void UseProgramsIn(const std::filesystem::path& directory);

/// The path of a file of the project: SourcePath("ops/kafka/start").
[[nodiscard]] std::string SourcePath(std::string_view name);

/// The last part of a long text.
[[nodiscard]] std::string Tail(std::string text);

/// A running program. Its standard input is empty; its output goes to files.
///
/// Lifetime: the destructor kills and reaps it. It is also killed when the thread that started it
///           exits, so a crashing test leaves nothing behind.
class Process {
 public:
  using Environment = std::vector<std::pair<std::string, std::string>>;

  /// The files for its output: two, or one for both streams.
  struct Files {
    std::filesystem::path output;
    std::filesystem::path error_output;
  };

  /// `program` is a path; `environment` extends ours. Throws if the program cannot be started.
  explicit Process(const std::string& program, std::vector<std::string> arguments = {},
                   const Environment& environment = {});
  Process(const std::string& program, std::vector<std::string> arguments,
          const Environment& environment, Files files);
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  [[nodiscard]] pid_t pid() const { return pid_; }
  [[nodiscard]] bool IsRunning();

  /// Sends nothing after the program has exited.
  void Signal(int signal);

  /// The exit status as a shell reports it, 128 + signal after a signal; nullopt while it runs.
  [[nodiscard]] std::optional<int> WaitForExit(std::chrono::milliseconds limit);

  /// SIGTERM and WaitForExit().
  [[nodiscard]] std::optional<int> Terminate(std::chrono::milliseconds limit);

  /// SIGKILL; returns once the program has exited.
  void Kill();

  /// The output so far.
  [[nodiscard]] std::string StandardOutput() const { return ReadFile(files_.output); }
  [[nodiscard]] std::string StandardError() const { return ReadFile(files_.error_output); }

  /// True if `text` appears in either output within the limit and before the program exits.
  [[nodiscard]] bool WaitForOutput(std::string_view text, std::chrono::milliseconds limit);

  /// Program, status and last lines of output, for the message of a failed expectation.
  [[nodiscard]] std::string Describe();

 private:
  void Run(std::vector<std::string> arguments, const Environment& environment);

  std::string program_;
  std::optional<TempDirectory> directory_;  ///< Used if no files are given.
  Files files_;
  pid_t pid_ = -1;
  std::optional<int> status_;
};

struct Finished {
  std::optional<int> status;  ///< nullopt: killed at the limit.
  std::string output;
  std::string error_output;
};

/// Runs a program to its end.
[[nodiscard]] Finished RunProgram(const std::string& program, std::vector<std::string> arguments,
                                  std::chrono::milliseconds limit,
                                  const Process::Environment& environment = {});

}  // namespace tests
