#pragma once

#include <vector>

#include "ops/ctl/shell/command_line.h"

namespace ctl {

/// `send`.
[[nodiscard]] std::vector<Command> SendCommands();

}  // namespace ctl
