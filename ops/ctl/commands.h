#pragma once

#include <span>

#include "ops/ctl/shell/command_line.h"

namespace ctl {

/// Every command there is.
[[nodiscard]] std::span<const Command> Commands();

}  // namespace ctl
