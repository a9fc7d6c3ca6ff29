#include "ops/simulator/arguments.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <optional>

#include "common/command_line/command_line.h"

namespace simulator {
namespace {

/// Declares an option that calls `set` for each of its values, in order.
void Declare(CLI::App& app, const Option& option) {
  const std::string name = "--" + std::string(option.name);
  if (option.wants.empty()) {
    app.add_flag_callback(name, [&option] { option.set({}); })->disable_flag_override();
    return;
  }
  const CLI::callback_t set_all = [&option, name](const std::vector<std::string>& values) {
    if (std::ranges::all_of(values, option.set)) return true;
    throw CLI::ValidationError(name + " must be " + std::string(option.wants));
  };
  app.add_option(name, set_all)->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

std::string NameUnexpected(const std::string& argument,
                           const std::vector<std::string_view>& arguments) {
  if (argument.starts_with("--")) return argument + " is not an option";
  const auto position = std::ranges::find(arguments, argument) - arguments.begin() + 1;
  return "argument " + std::to_string(position) + " is not an option";
}

}  // namespace

common::Error BadArguments(std::string detail) {
  return {common::Remedy::kReject, "bad_arguments", std::move(detail)};
}

common::Result<void> ParseArguments(const std::vector<std::string_view>& arguments,
                                    const std::vector<Option>& options) {
  CLI::App app;
  app.set_help_flag();
  for (const Option& option : options) Declare(app, option);
  try {
    const auto mistake = common::ParseCommandLine(app, arguments);
    if (mistake) {
      return BadArguments(Describe(
          *mistake,
          {.needs = "a value", .unexpected = NameUnexpected(mistake->argument, arguments)}));
    }
  } catch (const CLI::ValidationError& invalid) {
    return BadArguments(invalid.what());
  }
  return {};
}

}  // namespace simulator
