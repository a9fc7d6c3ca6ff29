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

/// Completes the last of `words`, which is being typed and may be empty. Returns nothing if it is a
/// value: the shell then offers files.
[[nodiscard]] std::vector<Completion> Complete(std::span<const Command> commands,
                                               std::span<const std::string_view> words);

/// One line for each, "WORD<TAB>HELP", for the scripts below.
[[nodiscard]] std::string RenderCompletions(const std::vector<Completion>& completions);

/// The script that makes a shell complete sluicectl: bash, zsh or fish. It asks
/// `sluicectl complete WORD…`, so it fits every version.
[[nodiscard]] std::optional<std::string_view> CompletionScript(std::string_view shell);

}  // namespace ctl
