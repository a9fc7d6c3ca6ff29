#pragma once

#include <span>
#include <string>

#include "ops/ctl/shell/command_line.h"

namespace ctl {

/// sluicectl(1) as source for man(1) and groff.
[[nodiscard]] std::string ManPage(std::span<const Command> commands);

}  // namespace ctl
