#include "ops/ctl/dead/dead_redrive.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <utility>

#include "common/domain/dead_letter.h"
#include "common/domain/omitted_body.h"
#include "common/runtime/shutdown.h"
#include "ops/ctl/dead/dead_commands.h"
#include "ops/ctl/dead/dead_history.h"
#include "ops/ctl/dead/dead_pace.h"
#include "ops/ctl/dead/dead_topic.h"
#include "ops/ctl/kafka/record_producer.h"
#include "ops/ctl/shell/command_line.h"
#include "ops/ctl/shell/output.h"
#include "ops/ctl/shell/stoppable_wait.h"

namespace ctl {
namespace {

using common::Deadline;
using common::Result;

/// One redrive, or its dry run.
class Redriving {
 public:
  Redriving(const ClusterSettings& settings, const RedriveOptions& options, Output& output,
            std::unique_ptr<RecordProducer> producer)
      : settings_(settings),
        options_(options),
        output_(output),
        producer_(std::move(producer)),
        pace_(options.per_second),
        progress_(output, settings.topics.dead) {
    outcome_.is_dry_run = options.is_dry_run;
  }

  RedriveOutcome Run(const RedriveHistory& history, const std::stop_token& stop) {
    const auto take = [&](const DeadRecord& letter, const DeadSummary& summary) {
      return Take(letter, summary, history, stop);
    };
    const auto ended = ForEachDeadLetter(settings_, options_.filter, progress_, take, stop);
    if (!ended) {
      outcome_.error = ended.error();
    } else if (*ended == TopicScan::Ended::kByStop) {
      outcome_.is_interrupted = true;
    }
    if (producer_) {
      producer_->Finish();
      outcome_.stored = producer_->stored();
      outcome_.failed += producer_->failed();
      const auto& unstored = producer_->failures();
      outcome_.failures.insert(outcome_.failures.end(), unstored.begin(), unstored.end());
    }
    outcome_.horizon = history.horizon();
    progress_.Clear();
    return std::move(outcome_);
  }

 private:
  bool Take(const DeadRecord& letter, const DeadSummary& summary, const RedriveHistory& history,
            const std::stop_token& stop) {
    const std::string name = common::RedriveName(settings_.topics.dead, letter.place);
    if (history.Contains(name, letter, settings_.providers)) {
      ++outcome_.skipped;
      return true;
    }
    if (common::IsBodyOmitted(letter.headers)) {
      Refuse(letter, summary);
      return true;
    }
    ++outcome_.selected;
    if (history.MayHaveForgotten(summary.time)) ++outcome_.unsure;
    if (producer_) {
      if (WaitUntil(Deadline(pace_.Next(Pace::Time::clock::now())), stop)) {
        outcome_.is_interrupted = true;
        return false;
      }
      const Result<void> sent =
          producer_->Send({.place = letter.place,
                           .partition = std::nullopt,
                           .key = letter.key,
                           .value = letter.value,
                           .headers = common::RedrivenHeaders(letter.headers, name)});
      if (!sent) {
        outcome_.is_interrupted = stop.stop_requested();
        if (!outcome_.is_interrupted) outcome_.error = sent.error();
        return false;
      }
    } else if (!output_.is_json) {
      progress_.Clear();
      output_.out << (outcome_.selected == 1 ? DeadHeading() : "") << RenderRow(summary);
    }
    return output_.out.good();
  }

  void Refuse(const DeadRecord& letter, const DeadSummary& summary) {
    constexpr std::size_t kNamed = 10;
    ++outcome_.failed;
    if (outcome_.failures.size() >= kNamed) return;
    outcome_.failures.push_back(
        {letter.place, "its body is omitted; the callback was " + summary.topic.value_or("?") +
                           " " + (summary.partition ? ToText(*summary.partition) : "-1") + ":" +
                           (summary.offset ? ToText(*summary.offset) : "-1")});
  }

  const ClusterSettings& settings_;
  const RedriveOptions& options_;
  Output& output_;
  std::unique_ptr<RecordProducer> producer_;  ///< None: a dry run.
  Pace pace_;
  Progress progress_;
  RedriveOutcome outcome_;
};

/// When the first of the letters died; now, if there are none. Of named letters a redrive needs
/// only the history since then.
Result<std::optional<common::WallTime>> StartOfHistory(const ClusterSettings& settings,
                                                       const DeadFilter& filter, Output& output,
                                                       const std::stop_token& stop) {
  if (!filter.places) return filter.from;
  Progress progress(output, settings.topics.dead);
  const auto first = FindFirstDeath(settings, filter, progress, stop);
  if (!first) return first.error();
  return std::optional(first->value_or(common::WallNow()));
}

/// Errors: those of RedriveHistory; also a missing topic `callbacks`, for which a producer would
///         wait long.
Result<RedriveHistory> HistoryFor(const ClusterSettings& settings, const RedriveOptions& options,
                                  Output& output, const std::stop_token& stop) {
  if (!options.is_again) {
    const auto from = StartOfHistory(settings, options.filter, output, stop);
    if (!from) return from.error();
    return RedriveHistory::Read(settings, *from, output, stop);
  }
  const auto scan = TopicScan::Open(settings, settings.topics.callbacks);
  if (!scan) return scan.error();
  if (const Result<Extents> found = scan.value()->Find({}); !found) return found.error();
  return RedriveHistory();
}

}  // namespace

Result<RedriveOptions> ReadRedriveOptions(const Arguments& arguments) {
  const Result<DeadFilter> filter = ReadDeadFilter(arguments);
  if (!filter) return filter.error();
  if (filter->IsEmpty() && !arguments.Has("--all")) {
    return Reject("select letters with --reason, --provider, --id, --from, --to or --all");
  }
  const Result<int> per_second = arguments.Number("--rate", 0, 1, 1'000'000);
  if (!per_second) return per_second.error();
  return RedriveOptions{*filter, arguments.Has("--dry-run"), arguments.Has("--again"), *per_second};
}

Result<RedriveOutcome> Redrive(const ClusterSettings& settings, const RedriveOptions& options,
                               Output& output, const std::stop_token& stop) {
  const Result<RedriveHistory> history = HistoryFor(settings, options, output, stop);
  if (!history) return history.error();
  std::unique_ptr<RecordProducer> producer;
  if (!options.is_dry_run) {
    Result<std::unique_ptr<RecordProducer>> opened =
        RecordProducer::Open(settings, settings.topics.callbacks, stop);
    if (!opened) return opened.error();
    producer = *std::move(opened);
  }
  return Redriving(settings, options, output, std::move(producer)).Run(*history, stop);
}

Result<int> RedriveDead(const Arguments& arguments, Output& output) {
  const Result<RedriveOptions> options = ReadRedriveOptions(arguments);
  if (!options) return options.error();
  const Result<ClusterSettings> settings = ReadClusterSettings(arguments);
  if (!settings) return settings.error();

  const common::Shutdown shutdown;  // Before the clients: it blocks signals in their threads.
  const Result<RedriveOutcome> outcome = Redrive(*settings, *options, output, shutdown.token());
  if (!outcome) return outcome.error();
  Report(output, *outcome);
  if (outcome->error) return *outcome->error;
  return outcome->IsComplete() ? 0 : 1;
}

}  // namespace ctl
