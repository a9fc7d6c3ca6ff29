#pragma once

#include <vector>

#include "ops/ctl/shell/command_line.h"

namespace ctl {

/// `spool …`: the callbacks that Kafka refuses permanently, in a file beside the spool; and what
/// can be read of a damaged spool.
[[nodiscard]] std::vector<Command> SpoolCommands();

}  // namespace ctl
