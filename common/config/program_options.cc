#include "common/config/program_options.h"

namespace common::config {
namespace {

std::string Usage(std::string_view program) {
  return "usage: " + std::string(program) + " --config FILE [--check]\n" + "       " +
         std::string(program) + " --version | --help\n";
}

ProgramEnd Bad(std::string text) { return {kExitUsage, std::move(text)}; }

}  // namespace

std::variant<ProgramOptions, ProgramEnd> ParseProgramOptions(
    std::string_view program, const std::vector<std::string_view>& arguments) {
  constexpr std::string_view kConfigIs = "--config=";
  ProgramOptions options;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string_view argument = arguments[i];
    if (argument == "--help" || argument == "-h") return ProgramEnd{kExitStopped, Usage(program)};
    if (argument == "--version") {
      return ProgramEnd{kExitStopped, std::string(program) + " " + SLUICE_VERSION + "\n"};
    }
    if (argument == "--check") {
      options.check_only = true;
    } else if (argument == "--config") {
      if (++i == arguments.size()) return Bad("--config needs a file");
      options.config_file = arguments[i];
    } else if (argument.substr(0, kConfigIs.size()) == kConfigIs) {
      options.config_file = argument.substr(kConfigIs.size());
    } else {
      return Bad("unknown argument '" + std::string(argument) + "'");
    }
  }
  if (options.config_file.empty()) return Bad("--config FILE is missing");
  return options;
}

}  // namespace common::config
