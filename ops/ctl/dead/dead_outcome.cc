#include "ops/ctl/dead/dead_outcome.h"

#include <ostream>

#include "common/json/object_writer.h"

namespace ctl {
namespace {

using common::json::ObjectWriter;

std::string RenderJson(const RedriveOutcome& outcome) {
  std::vector<std::string> failures;
  for (const auto& [place, error] : outcome.failures) {
    failures.push_back(ObjectWriter()
                           .Number("partition", place.partition.number())
                           .Number("offset", place.offset.number())
                           .Text("error", error)
                           .Finish());
  }
  ObjectWriter writer;
  writer.Bool("dryRun", outcome.is_dry_run)
      .Bool("complete", outcome.IsComplete())
      .Number("selected", outcome.selected)
      .Number("redriven", outcome.stored)
      .Number("failed", outcome.failed)
      .Number("redrivenBefore", outcome.skipped)
      .Number("unsure", outcome.unsure)
      .Raw("failures", RenderArray(failures));
  if (outcome.is_interrupted) writer.Bool("interrupted", true);
  if (outcome.error) writer.Text("error", outcome.error->detail);
  return writer.Finish();
}

std::string Letters(std::int64_t count) {
  return std::to_string(count) + (count == 1 ? " letter" : " letters");
}

}  // namespace

void Report(Output& output, const RedriveOutcome& outcome) {
  if (output.is_json) {
    output.out << RenderJson(outcome) << "\n";
    return;
  }
  output.out << (outcome.is_dry_run ? "would redrive " : "redrove ")
             << Letters(outcome.is_dry_run ? outcome.selected : outcome.stored);
  if (outcome.skipped > 0) output.out << "; skipped " << outcome.skipped << ", redriven before";
  output.out << "\n";

  for (const auto& [place, error] : outcome.failures) {
    output.err << "not redriven, or not confirmed: " << ToText(place) << ": " << error << "\n";
  }
  if (const auto others = outcome.failed - std::ssize(outcome.failures); others > 0) {
    output.err << "and " << others << " more\n";
  }
  if (outcome.unsure > 0) {
    output.err << "warning: " << Letters(outcome.unsure) << " died before "
               << common::FormatRfc3339(*outcome.horizon)
               << ", the start of the kept callbacks: one that was redriven before that is "
                  "published again\n";
  }
  if (!outcome.IsComplete()) {
    output.err << (outcome.is_interrupted ? "interrupted: " : "")
               << "repeat the command to redrive the rest\n";
  }
}

}  // namespace ctl
