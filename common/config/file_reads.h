#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "common/base/deadline.h"
#include "common/base/result.h"
#include "common/config/file.h"

namespace common::config {

/// Reads files, each on a thread of its own: one on a dead mount, which may hang for ever, holds up
/// no other.
///
///   A file has one thread at most. If its read hangs when it is begun again, the same thread reads
///   it again afterwards, because what it then has may be older than the question.
///
/// Threads:  the owner's.
/// Lifetime: a thread that hangs outlives this object. It uses nothing but a copy of `read`.
class FileReads {
 public:
  using Read = std::function<Result<std::string>(const std::string& path)>;

  explicit FileReads(Read read = ReadFile);

  /// Begins to read the file.
  void Begin(const std::string& path);
  /// Waits until one of these reads has ended, at most until the deadline. False: at the deadline.
  [[nodiscard]] bool AwaitAny(std::span<const std::string> paths, Deadline deadline) const;
  [[nodiscard]] bool HasEnded(const std::string& path) const;
  /// The result of the read that was begun last; empty while it goes on.
  /// Errors: those of `read`, or kReject if there is no thread for it.
  [[nodiscard]] std::optional<Result<std::string>> Find(const std::string& path) const;
  /// Forgets the results. Unfinished reads go on.
  void Forget();

 private:
  struct Shared;

  std::shared_ptr<Shared> shared_;
};

}  // namespace common::config
