#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ops/ctl/shell/command_line.h"

namespace ctl {

struct ExitStatus {
  int number = 0;
  std::string_view meaning;
};
[[nodiscard]] std::span<const ExitStatus> ExitStatuses();

/// "dead show PARTITION:OFFSET"
[[nodiscard]] std::string Heading(const Command& command);

/// The help of all commands, or of those that the first of `words` name: of `dead show` for
/// {"dead", "show", "3:17"}, of all `dead` ones for {"dead"}.
[[nodiscard]] std::string Usage(std::span<const Command> commands,
                                std::vector<std::string> words = {});

}  // namespace ctl
