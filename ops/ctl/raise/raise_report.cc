#include "ops/ctl/raise/raise_report.h"

#include <ostream>
#include <vector>

#include "common/json/object_writer.h"

namespace ctl {
namespace {

using common::json::ObjectWriter;
using common::json::Quote;

std::string RenderList(const std::vector<std::string>& texts) {
  std::vector<std::string> quoted;
  quoted.reserve(texts.size());
  for (const std::string& text : texts) quoted.push_back(Quote(text));
  return RenderArray(quoted);
}

std::string RenderJson(const RaiseOutcome& outcome) {
  const auto sum = [](const RaiseOutcome::Sum& one) {
    return ObjectWriter().Number("all", one.all).Number("copied", one.to_copy).Finish();
  };
  return ObjectWriter()
             .Bool("ok", outcome.status() == 0)
             .Bool("dryRun", outcome.is_dry_run)
             .Bool("complete", outcome.is_complete)
             .Number("from", outcome.plan.from)
             .Number("to", outcome.plan.to)
             .Raw("topics", RenderList(outcome.plan.topics))
             .Raw("markers", sum(outcome.markers))
             .Raw("announcements", sum(outcome.announcements))
             .Number("forgotten", outcome.forgotten)
             .Number("forgottenCallbacks", outcome.forgotten_callbacks)
             .Number("misplaced", outcome.misplaced)
             .Raw("refused", RenderList(outcome.refusals))
             .Finish() +
         "\n";
}

std::string RenderSum(const std::string& what, const RaiseOutcome& outcome,
                      const RaiseOutcome::Sum& sum) {
  return "  " + std::to_string(sum.all) + " " + what + ", " + std::to_string(sum.to_copy) +
         (outcome.is_dry_run ? " of them to be copied\n" : " of them copied\n");
}

std::string RenderText(const RaiseOutcome& outcome) {
  const RaisePlan& plan = outcome.plan;
  const std::string to = std::to_string(plan.to) + " partitions";
  if (plan.IsDone()) return "all topics have " + to + " already\n";
  std::string text = outcome.is_dry_run ? "would be raised" : "raised";
  text += " from " + std::to_string(plan.from) + " to " + to + ":";
  for (const std::string& topic : plan.topics) text += " " + topic;
  if (plan.topics.empty()) text += " nothing; only the group's offsets are made for it";
  const std::string since =
      outcome.markers_from ? " since " + common::FormatRfc3339(*outcome.markers_from) : "";
  text += "\n" + RenderSum("markers" + since, outcome, outcome.markers) +
          RenderSum("announcements", outcome, outcome.announcements);
  if (outcome.forgotten > 0) {
    text += "  " + std::to_string(outcome.forgotten) +
            " markers do not say where they belong: redeliveries of their callbacks may be "
            "published twice\n";
  }
  if (outcome.forgotten_callbacks > 0) {
    text += "  " + std::to_string(outcome.forgotten_callbacks) +
            " callbacks wait in their old places: redeliveries of them may be published twice\n";
  }
  return text;
}

}  // namespace

int RaiseOutcome::status() const {
  if (!refusals.empty()) return 3;
  const bool is_as_it_should_be = is_dry_run || is_complete || plan.IsDone();
  return is_as_it_should_be && misplaced == 0 ? 0 : 1;
}

void Report(Output& output, const RaiseOutcome& outcome) {
  if (output.is_json) {
    output.out << RenderJson(outcome);
    return;
  }
  for (const std::string& refusal : outcome.refusals) output.err << "refused: " << refusal << "\n";
  if (!outcome.refusals.empty()) return;
  output.out << RenderText(outcome);
  if (outcome.misplaced > 0) {
    output.err
        << outcome.misplaced
        << " callbacks came with the old number meanwhile: an ingest runs that has not "
           "noticed the new one. Restart each ingest; a redelivery of these callbacks may be "
           "published twice\n";
  } else if (outcome.is_complete) {
    output.out << "start ingest and consumer; restart an ingest that was running\n";
  }
}

}  // namespace ctl
