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

/// A usage error, in a sentence: exit status 2.
[[nodiscard]] common::Error Reject(std::string detail);

/// An option of one command, or of all commands.
struct OptionSpec {
  std::string_view name;   ///< "--partitions"
  std::string_view value;  ///< The name of its value in the help; empty: a flag.
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
  /// Errors: kReject for a usage error; any other remedy for a failure.
  common::Result<int> (*run)(const Arguments& arguments, Output& output);
  /// The names of the operands in the help: "PARTITION:OFFSET". All of them are required. One that
  /// ends with "…" may be repeated.
  std::vector<std::string_view> operands = {};
};

/// The arguments of one call: options by name, operands in order.
class Arguments {
 public:
  using Options = std::map<std::string, std::string, std::less<>>;

  explicit Arguments(Options options = {}, std::vector<std::string> operands = {})
      : options_(std::move(options)), operands_(std::move(operands)) {}

  [[nodiscard]] bool Has(std::string_view name) const { return options_.contains(name); }
  /// Empty if absent.
  [[nodiscard]] std::string Text(std::string_view name) const;
  /// Errors: kReject if it is not a whole number from `min` to `max`.
  [[nodiscard]] common::Result<int> Number(std::string_view name, int absent, int min,
                                           int max) const;
  /// Errors: kReject if it is not an RFC 3339 time.
  [[nodiscard]] common::Result<std::optional<common::WallTime>> Time(std::string_view name) const;

  /// Precondition: index < operands().size().
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

/// Options may appear before, between and after the words of the command.
/// Errors: kReject, a sentence.
[[nodiscard]] common::Result<std::variant<Call, Answered>> ParseCommandLine(
    std::span<const Command> commands, const std::vector<std::string_view>& arguments);

/// The options of every command.
[[nodiscard]] std::span<const OptionSpec> GlobalOptions();

[[nodiscard]] std::string Usage(std::span<const Command> commands);

}  // namespace ctl
