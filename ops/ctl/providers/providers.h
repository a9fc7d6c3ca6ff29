#pragma once

#include <vector>

#include "ops/ctl/shell/command_line.h"

namespace ctl {

/// `providers`.
[[nodiscard]] std::vector<Command> ProviderCommands();

}  // namespace ctl
