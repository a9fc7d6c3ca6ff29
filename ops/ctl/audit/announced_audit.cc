#include "ops/ctl/audit/announced_audit.h"

#include <ostream>
#include <variant>

#include "common/json/expected_process.h"
#include "common/runtime/shutdown.h"
#include "ops/ctl/audit/announced_report.h"
#include "ops/ctl/audit/announced_survey.h"

namespace ctl {

using common::Result;

Result<int> AuditAnnounced(const ClusterSettings& settings, AuditLedger::Range range,
                           Output& output) {
  const common::Shutdown shutdown;  // Before the clients: it blocks signals in their threads.
  const auto survey = AnnouncedSurvey::Open(settings, range, output, shutdown.token());
  if (!survey) return survey.error();
  if (output.is_json) {
    output.out << R"({"from":")" << common::FormatRfc3339(range.from) << R"(","to":")"
               << common::FormatRfc3339(range.to) << R"(","findings":[)" << std::flush;
  }
  bool is_first = true;
  const auto sums = survey.value()->Run(
      [&](const AnnouncedJudgement::Missing& missing, const ScannedRecord& record) {
        auto announced = common::json::ReadExpectedRecord(record.key(), record.value_or_null());
        if (!announced) return;
        const auto* expected = std::get_if<common::ExpectedProcess>(&*announced);
        if (expected == nullptr) return;
        const AnnouncedLine line{.place = {record.partition(), record.offset()},
                                 .at = record.time(),
                                 .due = missing.due,
                                 .expected = *expected};
        if (output.is_json) {
          output.out << (is_first ? "\n" : ",\n") << RenderJson(line);
        } else {
          output.out << RenderText(line);
        }
        is_first = false;
      });
  if (output.is_json) {
    output.out << (is_first ? "" : "\n") << R"(],"complete":)"
               << (sums ? R"(true,"summary":)" + RenderJson(*sums) : "false") << "}\n";
  } else if (sums) {
    output.out << RenderText(*sums);
  }
  output.out.flush();
  if (!sums) return sums.error();
  return ExitStatusOf(*sums);
}

}  // namespace ctl
