#include <ostream>

#include "ops/ctl/dead/dead_commands.h"
#include "ops/ctl/dead/dead_topic.h"
#include "ops/ctl/shell/output.h"

namespace ctl {

using common::Result;

// Prints each row when its letter is read, so memory does not grow with the number of letters.
Result<int> ListDead(const Arguments& arguments, Output& output) {
  const Result<DeadFilter> filter = ReadDeadFilter(arguments);
  if (!filter) return filter.error();
  const Result<ClusterSettings> settings = ReadClusterSettings(arguments);
  if (!settings) return settings.error();

  bool has_rows = false;
  Progress progress(output, settings->topics.dead);
  const auto print = [&](const DeadRecord& /*record*/, const DeadSummary& summary) {
    progress.Clear();
    if (output.is_json) {
      output.out << (has_rows ? ",\n" : "[\n") << RenderJson(summary);
    } else {
      output.out << (has_rows ? "" : DeadHeading()) << RenderRow(summary);
    }
    has_rows = true;
    return output.out.good();
  };
  const auto ended = ForEachDeadLetter(*settings, *filter, progress, print);
  progress.Clear();
  if (!ended) return ended.error();
  if (output.is_json) {
    output.out << (has_rows ? "\n]\n" : "[]\n");
  } else if (!has_rows) {
    output.err << "there are no " << (filter->IsEmpty() ? "" : "such ") << "dead letters\n";
  }
  return 0;
}

}  // namespace ctl
