#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "common/config/problem.h"
#include "common/config/program_options.h"
#include "common/runtime/shutdown.h"
#include "common/telemetry/log.h"

namespace common {

/// The command line, or the status to end with at once; what there is to say is said.
[[nodiscard]] std::variant<config::ProgramOptions, int> ReadCommandLine(
    std::string_view program, const std::vector<std::string_view>& arguments, const Logger& log);

/// nullopt: it cannot be read, which is logged.
[[nodiscard]] std::optional<std::string> ReadConfigText(const config::ProgramOptions& options,
                                                        const Logger& log);

/// The status to end with, if the configuration has mistakes, which are logged, or was only to be
/// checked.
[[nodiscard]] std::optional<int> EndAfterReading(const config::ProgramOptions& options,
                                                 const config::Problems& problems,
                                                 const Logger& log);

/// What ingest and consumer do from main() on: command line, configuration, service; the exit
/// status. `read` turns YAML into {config, problems}; `serve(config, log, shutdown)` runs until a
/// stop is asked for. `look(config)` returns what a good configuration names and this machine does
/// not have, as problems without a line: --check alone asks, for a start can do without.
template <typename Read, typename Look, typename Serve>
int RunProgram(std::string_view program, const std::vector<std::string_view>& arguments, Read read,
               Look look, Serve serve) {
  const Logger log{std::string(program)};
  const auto command_line = ReadCommandLine(program, arguments, log);
  if (const int* status = std::get_if<int>(&command_line)) return *status;
  const auto& options = std::get<config::ProgramOptions>(command_line);

  Shutdown shutdown;  // It blocks the signals in every thread that follows.
  const std::optional<std::string> yaml = ReadConfigText(options, log);
  if (!yaml) return config::kExitUsage;
  auto reading = read(*yaml);
  if (options.check_only && reading.problems.empty()) reading.problems = look(reading.config);
  if (const auto status = EndAfterReading(options, reading.problems, log)) return *status;
  return serve(reading.config, log, shutdown);
}

}  // namespace common
