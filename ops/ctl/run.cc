#include "ops/ctl/run.h"

#include <chrono>
#include <optional>
#include <ostream>
#include <variant>

#include "common/config/program_options.h"
#include "common/config/units.h"
#include "ops/ctl/commands.h"
#include "ops/ctl/shell/output.h"
#include "ops/ctl/time_limit.h"

namespace ctl {
namespace {

int Fail(std::ostream& err, const common::Error& error) {
  err << "sluicectl: " << error.detail << "\n";
  return error.remedy == common::Remedy::kReject ? common::config::kExitUsage
                                                 : common::config::kExitCannotRun;
}

common::Result<std::optional<std::chrono::milliseconds>> ReadTimeLimit(const Arguments& arguments) {
  if (!arguments.Has("--timeout")) return std::optional<std::chrono::milliseconds>();
  const auto limit = common::config::ParseDuration(arguments.Text("--timeout"));
  constexpr std::chrono::hours kLongest{24 * 365};
  if (limit && limit->count() > 0 && *limit <= kLongest) return limit;
  return Reject("--timeout must be a duration of at most a year: 10s, 2m");
}

}  // namespace

int Run(const std::vector<std::string_view>& arguments, std::ostream& out, std::ostream& err,
        const Audience& audience) {
  const auto parsed = ParseCommandLine(Commands(), arguments);
  if (!parsed) return Fail(err, parsed.error());
  if (const auto* answered = std::get_if<Answered>(&*parsed)) {
    out << answered->text;
    return common::config::kExitStopped;
  }
  const Call& call = std::get<Call>(*parsed);
  Output output{.out = out,
                .err = err,
                .is_json = call.arguments.Has("--json"),
                .is_terminal = audience.is_terminal,
                .is_coloured = audience.has_colours};
  const auto limit = ReadTimeLimit(call.arguments);
  if (!limit) return Fail(err, limit.error());
  std::optional<TimeLimit> time_limit;
  if (*limit) time_limit.emplace(**limit);
  const common::Result<int> status = call.command->run(call.arguments, output);
  if (!status) return Fail(err, status.error());
  if (!out.flush()) return Fail(err, {common::Remedy::kStop, "output", "cannot write the output"});
  return time_limit && time_limit->IsOver() ? common::config::kExitCannotRun : *status;
}

}  // namespace ctl
