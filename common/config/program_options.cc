#include "common/config/program_options.h"

#include <CLI/CLI.hpp>
#include <optional>

#include "common/command_line/command_line.h"

namespace common::config {
namespace {

std::string Usage(std::string_view program) {
  return "usage: " + std::string(program) + " --config FILE [--check [--online]]\n" + "       " +
         std::string(program) + " --version | --help\n";
}

}  // namespace

std::variant<ProgramOptions, ProgramEnd> ParseProgramOptions(
    std::string_view program, const std::vector<std::string_view>& arguments) {
  ProgramOptions options;
  CLI::App app;
  app.set_help_flag();
  app.add_flag("-h,--help")->disable_flag_override();
  app.add_flag("--version")->disable_flag_override();
  app.add_flag("--check", options.check_only)->disable_flag_override();
  app.add_flag("--online", options.online)->disable_flag_override();
  app.add_option("--config", options.config_file)->take_last();
  const std::optional<CommandLineMistake> mistake = ParseCommandLine(app, arguments);
  if (app.count("--help") > 0) return ProgramEnd{kExitStopped, Usage(program)};
  if (app.count("--version") > 0) {
    return ProgramEnd{kExitStopped, std::string(program) + " " + SLUICE_VERSION + "\n"};
  }
  if (mistake) {
    return ProgramEnd{kExitUsage, Describe(*mistake, {.needs = "a file",
                                                      .unexpected = "unknown argument '" +
                                                                    mistake->argument + "'"})};
  }
  if (options.online && !options.check_only)
    return ProgramEnd{kExitUsage, "--online needs --check"};
  if (options.config_file.empty()) return ProgramEnd{kExitUsage, "--config FILE is missing"};
  return options;
}

}  // namespace common::config
