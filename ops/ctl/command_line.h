#pragma once

#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "common/base/result.h"

namespace ctl {

/// An option of a command, or of all of them.
struct OptionSpec {
  std::string_view name;   ///< "--partitions"
  std::string_view value;  ///< What the help calls its value; empty: a flag.
  std::string_view help;
};

class Arguments;
struct Output;

/// One command: `sluicectl <words> [options]`.
struct Command {
  std::string_view words;  ///< "topics create"
  std::string_view help;
  std::vector<OptionSpec> options;
  /// Returns the exit status.
  /// Errors: kReject for wrong usage, everything else for what could not be done.
  common::Result<int> (*run)(const Arguments& arguments, Output& output);
};

/// The options of one call that were given, by name.
class Arguments {
 public:
  explicit Arguments(std::map<std::string, std::string, std::less<>> options = {})
      : options_(std::move(options)) {}

  [[nodiscard]] bool Has(std::string_view name) const { return options_.contains(name); }
  /// Empty if it was not given.
  [[nodiscard]] std::string Text(std::string_view name) const;
  /// Errors: kReject if it is no whole number from `min` to `max`.
  [[nodiscard]] common::Result<int> Number(std::string_view name, int absent, int min,
                                           int max) const;

 private:
  std::map<std::string, std::string, std::less<>> options_;
};

struct Call {
  const Command* command = nullptr;
  Arguments arguments;
};

/// --help or --version: the text for stdout.
struct Answered {
  std::string text;
};

/// Options may stand before, between and after the words of the command.
/// Errors: kReject, a sentence.
[[nodiscard]] common::Result<std::variant<Call, Answered>> ParseCommandLine(
    std::span<const Command> commands, const std::vector<std::string_view>& arguments);

/// The options that every command knows.
[[nodiscard]] std::span<const OptionSpec> GlobalOptions();

[[nodiscard]] std::string Usage(std::span<const Command> commands);

}  // namespace ctl
