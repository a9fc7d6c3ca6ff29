#pragma once

#include <vector>

#include "common/base/result.h"
#include "ops/ctl/shell/command_line.h"
#include "ops/ctl/shell/output.h"

namespace ctl {

/// `dead …`.
[[nodiscard]] std::vector<Command> DeadCommands();

common::Result<int> ListDead(const Arguments& arguments, Output& output);
common::Result<int> ShowDead(const Arguments& arguments, Output& output);
common::Result<int> RedriveDead(const Arguments& arguments, Output& output);

}  // namespace ctl
