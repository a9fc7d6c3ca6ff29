#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "common/base/result.h"
#include "common/config/file.h"

namespace common::config {

/// Exit status of the programs (interface).
inline constexpr int kExitStopped = 0;
inline constexpr int kExitCannotRun = 1;
inline constexpr int kExitUsage = 2;  ///< Bad arguments, missing file, bad configuration.

/// The parsed command line of ingest or consumer.
struct ProgramOptions {
  std::string config_file;
  bool check_only = false;  ///< Validate the configuration and exit.
  bool online = false;      ///< With check_only: also ask what the configuration names.
};

/// The program should print `text` and exit with `status` now.
struct ProgramEnd {
  int status = 0;
  std::string text;  ///< For stdout if status is 0; a sentence for the log otherwise.
};

///   ingest --config FILE [--check [--online]] | --version | --help
[[nodiscard]] std::variant<ProgramOptions, ProgramEnd> ParseProgramOptions(
    std::string_view program, const std::vector<std::string_view>& arguments);

/// Errors: kReject, naming the file.
[[nodiscard]] inline Result<std::string> ReadConfigFile(const std::string& path) {
  return ReadFile(path);
}

}  // namespace common::config
