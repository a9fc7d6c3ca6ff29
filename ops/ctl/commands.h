#pragma once

#include <span>

#include "ops/ctl/shell/command_line.h"

namespace ctl {

/// All commands.
[[nodiscard]] std::span<const Command> Commands();

}  // namespace ctl
