#include "common/runtime/program.h"

#include <cstdio>
#include <cstdlib>

namespace common {

std::variant<config::ProgramOptions, int> ReadCommandLine(
    std::string_view program, const std::vector<std::string_view>& arguments, const Logger& log) {
  auto parsed = config::ParseProgramOptions(program, arguments);
  if (auto* options = std::get_if<config::ProgramOptions>(&parsed)) return std::move(*options);
  const auto& end = std::get<config::ProgramEnd>(parsed);
  if (end.status == config::kExitStopped) {
    std::fputs(end.text.c_str(), stdout);
  } else {
    log.Error(std::string(program) + ".bad_arguments", {{"what", end.text}});
  }
  return end.status;
}

std::optional<std::string> ReadConfigText(const config::ProgramOptions& options,
                                          const Logger& log) {
  Result<std::string> text = config::ReadConfigFile(options.config_file);
  if (text) return *std::move(text);
  log.Error("config.unreadable", {{"what", text.error().detail}});
  return std::nullopt;
}

std::optional<int> EndAfterReading(const config::ProgramOptions& options,
                                   const config::Problems& problems, const config::Problems& doubts,
                                   const Logger& log) {
  for (const config::Problem& problem : problems) {
    log.Error("config.mistake", {{"file", options.config_file},
                                 {"line", problem.line},
                                 {"column", problem.column},
                                 {"key", problem.key},
                                 {"what", problem.message}});
  }
  if (!problems.empty()) return config::kExitUsage;
  if (!options.check_only) return std::nullopt;
  for (const config::Problem& doubt : doubts) {
    log.Warn("config.warning", {{"file", options.config_file},
                                {"line", doubt.line},
                                {"column", doubt.column},
                                {"key", doubt.key},
                                {"what", doubt.message}});
  }
  log.Info("config.valid", {{"file", options.config_file}});
  if (options.online) return std::nullopt;
  return config::kExitStopped;
}

void EndAtOnceOnStop(Shutdown& shutdown, const Logger& log) {
  shutdown.LimitStop({}, [&log] {
    log.Warn("config.abandoned", {{"what", "a stop came while the configuration was read"}});
    std::_Exit(config::kExitStopped);
  });
}

}  // namespace common
