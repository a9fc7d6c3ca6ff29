#include "common/command_line/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>

namespace common {
namespace {

using Kind = CommandLineMistake::Kind;

/// The arguments as CLI11 reads them, last one first. CLI11 takes the next argument as the value of
/// `--name=`, so that one is split.
std::vector<std::string> ForCli11(const std::vector<std::string_view>& arguments) {
  std::vector<std::string> all;
  for (const std::string_view argument : arguments) {
    const bool has_empty_value =
        argument.starts_with("--") && argument.find('=') + 1 == argument.size();
    if (has_empty_value) {
      all.emplace_back(argument.substr(0, argument.size() - 1));
      all.emplace_back();
    } else {
      all.emplace_back(argument);
    }
  }
  std::ranges::reverse(all);
  return all;
}

std::string WithoutValue(std::string argument) {
  if (argument.starts_with("--")) argument.resize(std::min(argument.find('='), argument.size()));
  return argument;
}

/// CLI11 names the option only at the begin of its message: "--name: 1 required TEXT missing",
/// "--name: At Most 1 required but received 2", "flag was given a disallowed flag override".
CommandLineMistake MistakeOf(const CLI::ArgumentMismatch& mismatch, const CLI::App& app) {
  const std::string message = mismatch.what();
  const std::string name = message.substr(0, message.find_first_of(": "));
  if (!name.starts_with("-")) return {Kind::kTakesNoValue, "--" + name};
  return {app.count(name) > 1 ? Kind::kGivenTwice : Kind::kNeedsValue, name};
}

}  // namespace

std::string Describe(const CommandLineMistake& mistake, const MistakeWords& words) {
  switch (mistake.kind) {
    case Kind::kNeedsValue:
      return mistake.argument + " needs " + words.needs;
    case Kind::kTakesNoValue:
      return mistake.argument + " takes no value";
    case Kind::kGivenTwice:
      return mistake.argument + " is given twice";
    case Kind::kUnexpected:
      break;
  }
  return words.unexpected;
}

std::optional<CommandLineMistake> ParseCommandLine(CLI::App& app,
                                                   const std::vector<std::string_view>& arguments) {
  app.allow_extras();  // CLI11's own error shows values.
  try {
    app.parse(ForCli11(arguments));
  } catch (const CLI::ArgumentMismatch& mismatch) {
    return MistakeOf(mismatch, app);
  }
  const std::vector<std::string> extras = app.remaining(true);
  if (extras.empty()) return std::nullopt;
  return CommandLineMistake{Kind::kUnexpected, WithoutValue(extras.front())};
}

}  // namespace common
