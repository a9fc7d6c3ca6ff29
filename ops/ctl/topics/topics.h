#pragma once

#include <vector>

#include "ops/ctl/shell/command_line.h"

namespace ctl {

/// `topics …`.
[[nodiscard]] std::vector<Command> TopicCommands();

}  // namespace ctl
