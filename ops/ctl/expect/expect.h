#pragma once

#include <vector>

#include "ops/ctl/shell/command_line.h"

namespace ctl {

/// `expect`.
[[nodiscard]] std::vector<Command> ExpectCommands();

}  // namespace ctl
