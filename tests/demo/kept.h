#pragma once

#include <filesystem>
#include <optional>

#include "common/base/fd.h"

namespace demo {

/// A process that stays with everything that it has started until StopKept().
///
///   caller  --Begin()--> waits for the status --------------------> ends with it
///   child              --NoteIn()--> plays --StayUntilStopped()--> tells the status, waits
///
/// A child that ends before it tells its status passes its exit status on.
class Kept {
 public:
  /// Forks. Returns the status in the caller, nullopt in the child. Precondition: no threads yet.
  [[nodiscard]] std::optional<int> Begin();
  /// Writes the pid into the directory, for StopKept().
  static void NoteIn(const std::filesystem::path& directory);
  /// Returns at SIGTERM. Nothing can be printed any more.
  void StayUntilStopped(int status);

 private:
  common::Fd status_;  ///< The child's end of a pipe.
};

/// Ends the process that stays, and so everything that it has started. Does nothing without one.
void StopKept(const std::filesystem::path& directory);

}  // namespace demo
