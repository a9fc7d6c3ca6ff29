#include <optional>
#include <ostream>

#include "common/domain/dead_letter.h"
#include "ops/ctl/dead/dead_commands.h"
#include "ops/ctl/dead/dead_history.h"
#include "ops/ctl/dead/dead_topic.h"
#include "ops/ctl/shell/output.h"

namespace ctl {
namespace {

using common::Result;

/// The redrives since the first of the letters died. None: there is no letter, or they are unknown.
/// Errors: those of FindFirstDeath().
Result<std::optional<RedriveHistory>> HistoryOf(const ClusterSettings& settings,
                                                const DeadFilter& filter, Output& output) {
  Progress progress(output, settings.topics.dead);
  const auto first = FindFirstDeath(settings, filter, progress);
  if (!first) return first.error();
  if (!*first) return std::optional<RedriveHistory>();
  progress.Clear();
  auto history = RedriveHistory::Read(settings, *first, output, {});
  if (history) return std::optional(*std::move(history));
  output.err << "note: which letters were redriven since is unknown: " << history.error().detail
             << "\n";
  return std::optional<RedriveHistory>();
}

}  // namespace

// Prints each row when its letter is read, so memory does not grow with the number of letters.
Result<int> ListDead(const Arguments& arguments, Output& output) {
  const Result<DeadFilter> filter = ReadDeadFilter(arguments);
  if (!filter) return filter.error();
  const Result<ClusterSettings> settings = ReadClusterSettings(arguments);
  if (!settings) return settings.error();
  const auto shown = arguments.Has("--no-redriven") ? RedrivenShown::kNo : RedrivenShown::kYes;
  std::optional<RedriveHistory> history;
  if (shown == RedrivenShown::kYes) {
    auto read = HistoryOf(*settings, *filter, output);
    if (!read) return read.error();
    history = *std::move(read);
  }

  bool has_rows = false;
  Progress progress(output, settings->topics.dead);
  const auto print = [&](const DeadRecord& record, DeadSummary summary) {
    progress.Clear();
    if (history) {
      summary.redriven_since = history->SinceDeathOf(
          common::RedriveName(settings->topics.dead, record.place), record, settings->providers);
    }
    if (output.is_json) {
      output.out << (has_rows ? ",\n" : "[\n") << RenderJson(summary);
    } else {
      output.out << (has_rows ? "" : DeadHeading(shown)) << RenderRow(summary, shown);
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
