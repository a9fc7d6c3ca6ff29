#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ops/ctl/shell/command_line.h"

namespace ctl {

/// One way to continue a command line.
struct Completion {
  std::string word;
  std::string help;
  friend bool operator==(const Completion&, const Completion&) = default;
};

/// What may take the place of the last of `words`, which is being typed and may be empty. Empty if
/// that is a value: the shell then offers files.
[[nodiscard]] std::vector<Completion> Complete(std::span<const Command> commands,
                                               std::span<const std::string_view> words);

/// "WORD<TAB>HELP" on a line each: what the scripts below read.
[[nodiscard]] std::string RenderCompletions(const std::vector<Completion>& completions);

/// The script that makes a shell complete sluicectl: bash, zsh or fish. It asks
/// `sluicectl complete WORD…`, so it fits every version.
[[nodiscard]] std::optional<std::string_view> CompletionScript(std::string_view shell);

}  // namespace ctl
