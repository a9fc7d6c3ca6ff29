#pragma once

#include <vector>

#include "ops/ctl/shell/command_line.h"

namespace ctl {

/// `audit`.
[[nodiscard]] std::vector<Command> AuditCommands();

}  // namespace ctl
