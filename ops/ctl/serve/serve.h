#pragma once

#include <vector>

#include "ops/ctl/shell/command_line.h"

namespace ctl {

/// `serve`.
[[nodiscard]] std::vector<Command> ServeCommands();

}  // namespace ctl
