#include "ops/ctl/audit/announced_report.h"

#include <cstdint>

#include "common/json/object_writer.h"
#include "ops/ctl/records/record_position.h"
#include "ops/ctl/shell/output.h"

namespace ctl {
namespace {

constexpr int kFound = 3;

std::string Padded(std::string text, std::size_t width) {
  text += std::string(PaddingTo(width, text), ' ');
  return text + "  ";
}

std::int64_t Count(std::size_t number) { return static_cast<std::int64_t>(number); }

}  // namespace

std::string RenderText(const AnnouncedLine& line) {
  return Padded("overdue", 8) + Padded(ToText(line.place), 10) +
         Padded(Printable("process " + line.expected.process.str()), 44) +
         Padded(Printable(line.expected.provider), 9) + common::FormatRfc3339(line.at) +
         "  it was due at " + common::FormatRfc3339(line.due) +
         ": no callback and no result have come\n";
}

std::string RenderJson(const AnnouncedLine& line) {
  return common::json::ObjectWriter()
      .Text("finding", "overdue")
      .Text("why", "no-callback")
      .Number("partition", line.place.partition.number())
      .Number("offset", line.place.offset.number())
      .Text("provider", line.expected.provider)
      .Text("dossierId", line.expected.dossier.str())
      .Text("processId", line.expected.process.str())
      .Text("time", common::FormatRfc3339(line.at))
      .Text("due", common::FormatRfc3339(line.due))
      .Finish();
}

std::string RenderText(const AnnouncedSums& sums) {
  const AnnouncedJudgement& judged = sums.judged;
  std::string text = std::to_string(judged.announced) +
                     (judged.announced == 1 ? " announced process: " : " announced processes: ") +
                     std::to_string(judged.came) + " came";
  const auto add = [&](std::size_t number, std::string_view what) {
    if (number > 0) text += ", " + std::to_string(number) + " " + std::string(what);
  };
  add(judged.reconciled, "with a result without a callback");
  add(judged.forgotten, "taken back");
  add(judged.waiting, "not due yet");
  add(judged.expired, "that can no longer be judged");
  add(sums.missing, "overdue");
  text += "\n";
  if (sums.mistaken > 0) {
    text += "note: consumer cannot read " + std::to_string(sums.mistaken) +
            (sums.mistaken == 1 ? " announcement" : " announcements") +
            ", and skips it: its log says expected.malformed\n";
  }
  for (const std::string& note : sums.notes) text += "note: " + note + "\n";
  if (sums.missing > 0) return text + "FOUND: " + std::to_string(sums.missing) + " overdue\n";
  return text + (judged.expired == 0 ? "nothing is overdue\n" : "nothing else is overdue\n");
}

std::string RenderJson(const AnnouncedSums& sums) {
  std::string notes;
  for (const std::string& note : sums.notes) {
    notes += (notes.empty() ? "" : ",") + common::json::Quote(note);
  }
  const AnnouncedJudgement& judged = sums.judged;
  return common::json::ObjectWriter()
      .Bool("ok", ExitStatusOf(sums) == 0)
      .Number("announced", Count(judged.announced))
      .Number("came", Count(judged.came))
      .Number("reconciled", Count(judged.reconciled))
      .Number("forgotten", Count(judged.forgotten))
      .Number("waiting", Count(judged.waiting))
      .Number("expired", Count(judged.expired))
      .Number("overdue", Count(sums.missing))
      .Number("mistaken", Count(sums.mistaken))
      .Raw("notes", "[" + notes + "]")
      .Finish();
}

int ExitStatusOf(const AnnouncedSums& sums) {
  if (sums.missing > 0) return kFound;
  return sums.judged.expired > 0 ? 1 : 0;
}

}  // namespace ctl
