#include "ops/ctl/run.h"

#include <ostream>
#include <variant>

#include "common/config/program_options.h"
#include "ops/ctl/commands.h"
#include "ops/ctl/shell/output.h"

namespace ctl {
namespace {

int Fail(std::ostream& err, const common::Error& error) {
  err << "sluicectl: " << error.detail << "\n";
  return error.remedy == common::Remedy::kReject ? common::config::kExitUsage
                                                 : common::config::kExitCannotRun;
}

}  // namespace

int Run(const std::vector<std::string_view>& arguments, std::ostream& out, std::ostream& err,
        bool is_terminal) {
  const auto parsed = ParseCommandLine(Commands(), arguments);
  if (!parsed) return Fail(err, parsed.error());
  if (const auto* answered = std::get_if<Answered>(&*parsed)) {
    out << answered->text;
    return common::config::kExitStopped;
  }
  const Call& call = std::get<Call>(*parsed);
  Output output{
      .out = out, .err = err, .is_json = call.arguments.Has("--json"), .is_terminal = is_terminal};
  const common::Result<int> status = call.command->run(call.arguments, output);
  if (!status) return Fail(err, status.error());
  if (!out.flush()) return Fail(err, {common::Remedy::kStop, "output", "cannot write the output"});
  return *status;
}

}  // namespace ctl
