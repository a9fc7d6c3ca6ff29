#pragma once

#include <vector>

#include "ops/ctl/shell/command_line.h"

namespace ctl {

/// `status`.
[[nodiscard]] std::vector<Command> StatusCommands();

}  // namespace ctl
