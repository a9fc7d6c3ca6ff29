#include <optional>
#include <ostream>

#include "ops/ctl/dead/dead_commands.h"
#include "ops/ctl/dead/dead_topic.h"
#include "ops/ctl/shell/command_line.h"
#include "ops/ctl/shell/output.h"

namespace ctl {

using common::Result;

Result<int> ShowDead(const Arguments& arguments, Output& output) {
  const std::optional<common::RecordPosition> place = ParseRecordPosition(arguments.Operand(0));
  if (!place) {
    return Reject("`" + arguments.Operand(0) + "` is not a PARTITION:OFFSET such as 3:17");
  }
  const Result<ClusterSettings> settings = ReadClusterSettings(arguments);
  if (!settings) return settings.error();
  const Result<DeadRecord> record = ReadDeadLetter(*settings, *place);
  if (!record) return record.error();
  output.out << (output.is_json ? RenderJson(*record) + "\n"
                                : RenderText(*record, settings->topics.dead));
  return 0;
}

}  // namespace ctl
