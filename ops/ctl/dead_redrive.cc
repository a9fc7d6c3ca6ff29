#include <chrono>
#include <optional>
#include <ostream>
#include <stop_token>
#include <utility>

#include "common/json/object_writer.h"
#include "common/kafka/classify_error.h"
#include "common/runtime/shutdown.h"
#include "ops/ctl/cluster.h"
#include "ops/ctl/commands.h"
#include "ops/ctl/dead_pace.h"
#include "ops/ctl/dead_producer.h"
#include "ops/ctl/dead_topic.h"

namespace ctl {
namespace {

using common::Deadline;
using common::Error;
using common::Remedy;
using common::Result;
using common::json::ObjectWriter;

struct Wishes {
  DeadFilter filter;
  bool is_dry_run = false;
  int per_second = 0;  ///< 0: no limit.
};

Result<Wishes> ReadWishes(const Arguments& arguments) {
  const Result<DeadFilter> filter = ReadDeadFilter(arguments);
  if (!filter) return filter.error();
  if (filter->IsEmpty() && !arguments.Has("--all")) {
    return Error{Remedy::kReject, "usage",
                 "which letters? --reason, --provider, --id, --from, --to, or --all"};
  }
  const Result<int> per_second = arguments.Number("--rate", 0, 1, 1'000'000);
  if (!per_second) return per_second.error();
  return Wishes{*filter, arguments.Has("--dry-run"), *per_second};
}

/// A producer would wait long for a topic that does not exist.
Result<void> FindCallbacks(const ClusterSettings& settings) {
  const Result<std::unique_ptr<Cluster>> cluster = Cluster::Open(settings);
  if (!cluster) return cluster.error();
  const std::string& topic = settings.topics.callbacks;
  const auto facts = cluster.value()->Facts({topic});
  if (!facts) return facts.error();
  if (facts->topics.at(topic).access == common::kafka::TopicFacts::Access::kMissing) {
    return Error{Remedy::kStop, common::kafka::code::kUnexpected, "there is no topic " + topic};
  }
  return {};
}

/// What came of it.
struct Outcome {
  std::int64_t selected = 0;
  /// Of these, letters that died longer ago than their provider's window: whether they were
  /// redriven before, dedup may not know any more.
  std::int64_t beyond_window = 0;
  std::int64_t stored = 0;
  std::int64_t failed = 0;
  std::vector<DeadProducer::Failure> failures;
  bool is_interrupted = false;
  std::optional<Error> error;  ///< Why it ended early.
};

class Redrive {
 public:
  Redrive(const ClusterSettings& settings, const Wishes& wishes, Output& output,
          std::unique_ptr<DeadProducer> producer)
      : settings_(settings),
        wishes_(wishes),
        output_(output),
        producer_(std::move(producer)),
        pace_(wishes.per_second),
        progress_(output, settings.topics.dead) {}

  Outcome Run(const common::Shutdown& shutdown) {
    const auto take = [&](const DeadRecord& letter, const DeadSummary& summary) {
      return Take(letter, summary, shutdown);
    };
    const auto ended =
        ForEachDeadLetter(settings_, wishes_.filter, progress_, take, shutdown.token());
    if (!ended) {
      outcome_.error = ended.error();
    } else if (*ended == TopicScan::Ended::kByStop) {
      outcome_.is_interrupted = true;
    }
    if (producer_) {
      producer_->Finish();
      outcome_.stored = producer_->stored();
      outcome_.failed = producer_->failed();
      outcome_.failures = producer_->failures();
    }
    progress_.Clear();
    return std::move(outcome_);
  }

 private:
  bool Take(const DeadRecord& letter, const DeadSummary& summary,
            const common::Shutdown& shutdown) {
    if (producer_) {
      const auto at = pace_.Next(Pace::Time::clock::now());
      if (shutdown.WaitUntil(Deadline(at))) {
        outcome_.is_interrupted = true;
        return false;
      }
      if (const Result<void> sent = producer_->Send(letter); !sent) {
        outcome_.error = sent.error();
        return false;
      }
    } else if (!output_.is_json) {
      progress_.Clear();
      output_.out << (outcome_.selected == 0 ? DeadHeading() : "") << RenderRow(summary);
    }
    ++outcome_.selected;
    const auto& row = settings_.providers[settings_.providers.Resolve(summary.provider)];
    if (common::WallNow() - summary.time > row.dedup_window) ++outcome_.beyond_window;
    return true;
  }

  const ClusterSettings& settings_;
  const Wishes& wishes_;
  Output& output_;
  std::unique_ptr<DeadProducer> producer_;  ///< None: a dry run.
  Pace pace_;
  Progress progress_;
  Outcome outcome_;
};

void ReportJson(std::ostream& out, const Outcome& outcome, bool is_dry_run) {
  std::vector<std::string> failures;
  for (const auto& [place, error] : outcome.failures) {
    failures.push_back(ObjectWriter()
                           .Number("partition", place.partition)
                           .Number("offset", place.offset)
                           .Text("error", error)
                           .Finish());
  }
  out << ObjectWriter()
             .Bool("dryRun", is_dry_run)
             .Bool("complete", !outcome.is_interrupted && !outcome.error)
             .Number("selected", outcome.selected)
             .Number("beyondWindow", outcome.beyond_window)
             .Number("redriven", outcome.stored)
             .Number("failed", outcome.failed)
             .Raw("failures", RenderArray(failures))
             .Finish()
      << "\n";
}

std::string Letters(std::int64_t count) {
  return std::to_string(count) + (count == 1 ? " letter" : " letters");
}

void ReportText(Output& output, const Outcome& outcome, bool is_dry_run) {
  if (is_dry_run) {
    output.out << "would redrive " << Letters(outcome.selected) << "\n";
  } else {
    output.out << "redrove " << Letters(outcome.stored) << "\n";
  }
  for (const auto& [place, error] : outcome.failures) {
    output.err << "not known to be redriven: " << ToText(place) << ": " << error << "\n";
  }
  if (const auto others = outcome.failed - std::ssize(outcome.failures); others > 0) {
    output.err << "and " << others << " more\n";
  }
  if (outcome.beyond_window > 0) {
    output.err << "warning: " << Letters(outcome.beyond_window)
               << " died longer ago than the provider's dedup window. If one of them was redriven "
                  "before, longer ago than that, it is published once more\n";
  }
  if (outcome.is_interrupted || outcome.error || outcome.failed > 0) {
    output.err << "the same command again takes it up: a letter that is redriven already is a "
                  "duplicate within its provider's dedup window\n";
  }
}

}  // namespace

Result<int> RedriveDead(const Arguments& arguments, Output& output) {
  const Result<Wishes> wishes = ReadWishes(arguments);
  if (!wishes) return wishes.error();
  const Result<ClusterSettings> settings = ReadClusterSettings(arguments);
  if (!settings) return settings.error();

  const common::Shutdown shutdown;  // Before the clients: it blocks signals in their threads.
  if (const Result<void> found = FindCallbacks(*settings); !found) return found.error();
  std::unique_ptr<DeadProducer> producer;
  if (!wishes->is_dry_run) {
    Result<std::unique_ptr<DeadProducer>> opened = DeadProducer::Open(*settings);
    if (!opened) return opened.error();
    producer = *std::move(opened);
  }
  const Outcome outcome = Redrive(*settings, *wishes, output, std::move(producer)).Run(shutdown);
  if (output.is_json) {
    ReportJson(output.out, outcome, wishes->is_dry_run);
  } else {
    ReportText(output, outcome, wishes->is_dry_run);
  }
  if (outcome.error) return *outcome.error;
  return outcome.is_interrupted || outcome.failed > 0 ? 1 : 0;
}

}  // namespace ctl
