#pragma once

#include <filesystem>
#include <optional>

#include "common/base/fd.h"

namespace demo {

/// A run in a process of its own, which keeps all programs that it started until
/// StopBackgroundRun().
///
///   caller  --Begin()--> waits for the status --------------------> ends with it
///   child              --NotePidIn()--> plays --TellStatusAndWait()--> tells the status, waits
///
/// If the child exits earlier, the caller returns its exit status.
class BackgroundRun {
 public:
  /// Forks. Returns nullopt in the child, and the child's status in the caller. Precondition: no
  /// threads yet.
  [[nodiscard]] std::optional<int> Begin();
  /// Writes this process's pid into the directory, for StopBackgroundRun().
  static void NotePidIn(const std::filesystem::path& directory);
  /// Passes the status to the caller, discards all further output, and returns at SIGTERM.
  void TellStatusAndWait(int status);

 private:
  common::Fd status_;  ///< The child's end of a pipe.
};

/// Stops the background run noted in this directory, with all its programs. Does nothing if there
/// is none.
void StopBackgroundRun(const std::filesystem::path& directory);

}  // namespace demo
