#include "ops/ctl/shell/command_line.h"

#include <algorithm>
#include <array>
#include <optional>

#include "common/base/number.h"

namespace ctl {
namespace {

using common::Error;
using common::Remedy;
using common::Result;

constexpr std::array<OptionSpec, 5> kGlobalOptions = {{
    {"--bootstrap", "ADDR", "Kafka's address, host:port[,host:port…]"},
    {"--config", "FILE", "a consumer.yaml: its topics, group and Kafka properties"},
    {"--json", "", "JSON output"},
    {"--help", "", "this help"},
    {"--version", "", "the version"},
}};

const OptionSpec* FindIn(std::span<const OptionSpec> options, std::string_view name) {
  const auto found = std::find_if(options.begin(), options.end(),
                                  [&](const OptionSpec& option) { return option.name == name; });
  return found == options.end() ? nullptr : &*found;
}

/// Finds an option before the command is known: a name has the same meaning in all commands.
const OptionSpec* FindAnywhere(std::span<const Command> commands, std::string_view name) {
  if (const OptionSpec* option = FindIn(kGlobalOptions, name)) return option;
  for (const Command& command : commands) {
    if (const OptionSpec* option = FindIn(command.options, name)) return option;
  }
  return nullptr;
}

struct Split {
  std::vector<std::string> words;
  Arguments::Options options;
};

Result<Split> SplitArguments(std::span<const Command> commands,
                             const std::vector<std::string_view>& arguments) {
  Split split;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string_view argument = arguments[i];
    if (argument.substr(0, 2) != "--") {
      split.words.emplace_back(argument);
      continue;
    }
    const std::size_t equals = argument.find('=');
    const std::string name(argument.substr(0, equals));
    const OptionSpec* const option = FindAnywhere(commands, name);
    if (option == nullptr) return Reject("unknown option " + name);
    if (split.options.contains(name)) return Reject(name + " is given twice");
    const bool has_value = equals != std::string_view::npos;
    if (option->value.empty()) {
      if (has_value) return Reject(name + " takes no value");
      split.options[name] = "";
    } else if (has_value) {
      split.options[name] = argument.substr(equals + 1);
    } else if (++i < arguments.size()) {
      split.options[name] = arguments[i];
    } else {
      return Reject(name + " needs a value: " + std::string(option->value));
    }
  }
  return split;
}

template <typename Texts>
std::string Join(const Texts& texts) {
  std::string joined;
  for (const auto& text : texts) joined += (joined.empty() ? "" : " ") + std::string(text);
  return joined;
}

/// The command that the first words name; the words after it are its operands.
struct Chosen {
  const Command* command = nullptr;
  std::vector<std::string> operands;
};

Result<Chosen> Choose(std::span<const Command> commands, const std::vector<std::string>& words) {
  for (const Command& command : commands) {
    const auto count = std::count(command.words.begin(), command.words.end(), ' ') + 1;
    if (std::ssize(words) < count) continue;
    const auto rest = words.begin() + count;
    if (Join(std::vector(words.begin(), rest)) != command.words) continue;
    const auto operands = std::ssize(command.operands);
    const bool may_be_more = operands > 0 && command.operands.back().ends_with("…");
    const auto given = words.end() - rest;
    if (given == operands || (may_be_more && given > operands)) {
      return Chosen{&command, {rest, words.end()}};
    }
    if (operands == 0) continue;
    return Reject("`" + std::string(command.words) + "` takes " + Join(command.operands) +
                  " and nothing else");
  }
  return Reject("unknown command `" + Join(words) + "`; see --help");
}

std::string DescribeOption(const OptionSpec& option) {
  constexpr std::size_t kColumn = 30;
  std::string text = "  " + std::string(option.name);
  if (!option.value.empty()) text += " " + std::string(option.value);
  text.resize(std::max(kColumn, text.size() + 2), ' ');
  return text + std::string(option.help) + "\n";
}

}  // namespace

Error Reject(std::string detail) { return {Remedy::kReject, "usage", std::move(detail)}; }

std::string Arguments::Text(std::string_view name) const {
  const auto found = options_.find(name);
  return found == options_.end() ? std::string() : found->second;
}

Result<int> Arguments::Number(std::string_view name, int absent, int min, int max) const {
  if (!Has(name)) return absent;
  const auto number = common::ParseNumber<int>(Text(name));
  if (!number || *number < min || *number > max) {
    return Reject(std::string(name) + " must be a whole number from " + std::to_string(min) +
                  " to " + std::to_string(max));
  }
  return *number;
}

Result<std::optional<common::WallTime>> Arguments::Time(std::string_view name) const {
  if (!Has(name)) return std::optional<common::WallTime>();
  const std::optional<common::WallTime> time = common::ParseRfc3339(Text(name));
  if (!time) {
    return Reject(std::string(name) + " must be a time as in RFC 3339: 2026-11-23T07:00:00Z");
  }
  return time;
}

std::span<const OptionSpec> GlobalOptions() { return kGlobalOptions; }

Result<std::variant<Call, Answered>> ParseCommandLine(
    std::span<const Command> commands, const std::vector<std::string_view>& arguments) {
  using Parsed = std::variant<Call, Answered>;
  Result<Split> split = SplitArguments(commands, arguments);
  if (!split) return split.error();
  if (split->options.contains("--help")) return Parsed(Answered{Usage(commands)});
  if (split->options.contains("--version")) {
    return Parsed(Answered{std::string("sluicectl ") + SLUICE_VERSION + "\n"});
  }
  if (split->words.empty()) return Reject("a command is missing; see --help");
  Result<Chosen> chosen = Choose(commands, split->words);
  if (!chosen) return chosen.error();
  const Command& command = *chosen->command;
  for (const auto& [name, value] : split->options) {
    if (FindIn(kGlobalOptions, name) == nullptr && FindIn(command.options, name) == nullptr) {
      return Reject("`" + std::string(command.words) + "` has no option " + name);
    }
  }
  return Parsed(Call{&command, Arguments(std::move(split->options), std::move(chosen->operands))});
}

std::string Usage(std::span<const Command> commands) {
  std::string text = "usage: sluicectl COMMAND [OPTION…]\n";
  for (const Command& command : commands) {
    text += "\n" + std::string(command.words);
    for (const std::string_view operand : command.operands) text += " " + std::string(operand);
    text += ": " + std::string(command.help) + "\n";
    for (const OptionSpec& option : command.options) text += DescribeOption(option);
  }
  text += "\noptions of every command, before or after it:\n";
  for (const OptionSpec& option : kGlobalOptions) text += DescribeOption(option);
  return text +
         "\nexit status: 0 done, 1 failed, 2 usage error, 3 done, but not all is as it should be\n";
}

}  // namespace ctl
