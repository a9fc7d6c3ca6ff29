#pragma once

#include <vector>

#include "ops/ctl/shell/command_line.h"

namespace ctl {

/// `transactions …`.
[[nodiscard]] std::vector<Command> TransactionCommands();

}  // namespace ctl
