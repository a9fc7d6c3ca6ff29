#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "common/base/result.h"
#include "ops/ctl/shell/command_line.h"

namespace ctl {

struct RecoveredSpool {
  std::size_t records = 0;
  /// At most so many callbacks could not be read. Unknown if the last page is among what is
  /// damaged.
  std::optional<std::size_t> unreadable{};
};

/// Copies the callbacks of a damaged spool into a new one, around those that cannot be read. They
/// get new sequences and keep their order. SQLite moves the log of `damaged` into it, if it can.
///
/// Errors: there is no `damaged`, it cannot be opened, or `into` exists already.
common::Result<RecoveredSpool> RecoverSpool(const std::string& damaged, const std::string& into);

/// `spool recover`.
[[nodiscard]] Command RecoverCommand();

}  // namespace ctl
