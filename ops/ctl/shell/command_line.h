#pragma once

#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "common/base/result.h"
#include "ops/ctl/shell/arguments.h"

namespace ctl {

/// An option of one command, or of all commands.
struct OptionSpec {
  std::string_view name;   ///< "--partitions"
  std::string_view value;  ///< The name of its value in the help; empty: a flag.
  std::string_view help;
};

struct Output;

/// One command: `sluicectl <words> <operands> [options]`.
struct Command {
  std::string_view words;  ///< "topics create"
  std::string_view help;
  std::vector<OptionSpec> options;
  /// Returns the exit status.
  /// Errors: kReject for a usage error; any other remedy for a failure.
  common::Result<int> (*run)(const Arguments& arguments, Output& output);
  /// The names of the operands in the help: "PARTITION:OFFSET". All of them are required, except a
  /// last one in brackets. One that ends with "…" may be repeated.
  std::vector<std::string_view> operands = {};
};

struct Call {
  const Command* command = nullptr;
  Arguments arguments;
};

/// Help, the version, a completion: the text for stdout.
struct Answered {
  std::string text;
};

/// Options may appear before, between and after the words of the command. Besides `commands` there
/// are `help`, `version`, `completion SHELL`, `man-page` and, for the completion scripts,
/// `complete WORD…`.
/// Errors: kReject, a sentence.
[[nodiscard]] common::Result<std::variant<Call, Answered>> ParseCommandLine(
    std::span<const Command> commands, const std::vector<std::string_view>& arguments);

/// The option --since, see Arguments::From().
[[nodiscard]] OptionSpec SinceOption();

/// The options of every command.
[[nodiscard]] std::span<const OptionSpec> GlobalOptions();

/// The global options, and the options of these commands. An option of several commands is there as
/// often: a name has the same meaning in all of them.
[[nodiscard]] std::vector<OptionSpec> AllOptions(std::span<const Command> commands);

}  // namespace ctl
