#pragma once

#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "common/base/result.h"
#include "common/base/rfc3339.h"

namespace ctl {

/// Wrong usage, in a sentence: exit status 2.
[[nodiscard]] common::Error Reject(std::string detail);

/// An option of a command, or of all of them.
struct OptionSpec {
  std::string_view name;   ///< "--partitions"
  std::string_view value;  ///< What the help calls its value; empty: a flag.
  std::string_view help;
};

class Arguments;
struct Output;

/// One command: `sluicectl <words> <operands> [options]`.
struct Command {
  std::string_view words;  ///< "topics create"
  std::string_view help;
  std::vector<OptionSpec> options;
  /// Returns the exit status.
  /// Errors: kReject for wrong usage, everything else for what could not be done.
  common::Result<int> (*run)(const Arguments& arguments, Output& output);
  /// What the help calls the words that follow, all of which must be given: "PARTITION:OFFSET". Of
  /// one that ends with "…" there may be more.
  std::vector<std::string_view> operands = {};
};

/// What one call was given: options by name, operands in their order.
class Arguments {
 public:
  using Options = std::map<std::string, std::string, std::less<>>;

  explicit Arguments(Options options = {}, std::vector<std::string> operands = {})
      : options_(std::move(options)), operands_(std::move(operands)) {}

  [[nodiscard]] bool Has(std::string_view name) const { return options_.contains(name); }
  /// Empty if it was not given.
  [[nodiscard]] std::string Text(std::string_view name) const;
  /// Errors: kReject if it is no whole number from `min` to `max`.
  [[nodiscard]] common::Result<int> Number(std::string_view name, int absent, int min,
                                           int max) const;
  /// Errors: kReject if it is no RFC 3339 time.
  [[nodiscard]] common::Result<std::optional<common::WallTime>> Time(std::string_view name) const;

  /// Precondition: the command has that many.
  [[nodiscard]] const std::string& Operand(std::size_t index) const { return operands_.at(index); }
  [[nodiscard]] const std::vector<std::string>& operands() const { return operands_; }

 private:
  Options options_;
  std::vector<std::string> operands_;
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
