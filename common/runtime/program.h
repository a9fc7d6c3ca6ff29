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

/// Parses the command line. Returns an exit status if the program should exit now; help and errors
/// have then been written.
[[nodiscard]] std::variant<config::ProgramOptions, int> ReadCommandLine(
    std::string_view program, const std::vector<std::string_view>& arguments, const Logger& log);

/// Reads the configuration file. Empty if it is unreadable, which is logged.
[[nodiscard]] std::optional<std::string> ReadConfigText(const config::ProgramOptions& options,
                                                        const Logger& log);

/// Logs the mistakes, and with --check also the doubts. Returns an exit status if there are
/// mistakes or if --check was given without --online.
[[nodiscard]] std::optional<int> EndAfterReading(const config::ProgramOptions& options,
                                                 const config::Problems& problems,
                                                 const config::Problems& doubts, const Logger& log);

/// Until the limit is replaced, a stop ends the process: nothing has begun, and what hangs is a
/// file.
void EndAtOnceOnStop(Shutdown& shutdown, const Logger& log);

/// The body of main() of ingest and consumer: reads the command line and configuration, serves, and
/// returns the exit status. `read` turns YAML into {config, problems, doubts}. `serve(config, text,
/// log, shutdown)` runs until a stop is requested, and limits it; `text` is the YAML. While the
/// configuration and its files are read, a stop ends the process at once: a file may hang.
/// `look(config)` returns problems without a line: files and the like that a valid configuration
/// names and this machine lacks. Only --check calls it, since the service can start without them.
/// With --online, `ask(config, log)` does the preflight instead and returns the exit status.
template <typename Read, typename Look, typename Ask, typename Serve>
int RunProgram(std::string_view program, const std::vector<std::string_view>& arguments, Read read,
               Look look, Ask ask, Serve serve) {
  const Logger log{std::string(program)};
  const auto command_line = ReadCommandLine(program, arguments, log);
  if (const int* status = std::get_if<int>(&command_line)) return *status;
  const auto& options = std::get<config::ProgramOptions>(command_line);

  // Blocks the signals in all threads started later. A check ends at once by any of them.
  std::optional<Shutdown> shutdown;
  if (!options.check_only) {
    shutdown.emplace();
    EndAtOnceOnStop(*shutdown, log);
  }
  const std::optional<std::string> yaml = ReadConfigText(options, log);
  if (!yaml) return config::kExitUsage;
  auto reading = read(*yaml);
  if (shutdown) shutdown->LimitStop({}, {});
  if (options.check_only && !options.online && reading.problems.empty()) {
    reading.problems = look(reading.config);
  }
  if (const auto status = EndAfterReading(options, reading.problems, reading.doubts, log)) {
    return *status;
  }
  if (options.online) return ask(reading.config, log);
  return serve(reading.config, *yaml, log, *shutdown);
}

}  // namespace common
