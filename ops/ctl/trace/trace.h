#pragma once

#include <vector>

#include "ops/ctl/shell/command_line.h"

namespace ctl {

[[nodiscard]] std::vector<Command> TraceCommands();

}  // namespace ctl
