#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include "ops/ctl/shell/command_line.h"

namespace ctl {

[[nodiscard]] std::vector<Command> EraseCommands();

/// Asks for the id once more. True if the next line is the same id.
[[nodiscard]] bool ConfirmDeletion(const std::string& id, std::istream& in, std::ostream& err);

}  // namespace ctl
