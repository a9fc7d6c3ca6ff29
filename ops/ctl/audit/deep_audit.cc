#include "ops/ctl/audit/deep_audit.h"

#include <ostream>
#include <utility>

#include "ops/ctl/history/history_survey.h"

namespace ctl {

common::Result<HistoryTally> AuditHistory(const ClusterSettings& settings, common::WallTime from,
                                          Output& output, std::stop_token stop) {
  HistoryTally tally;
  if (output.is_json) output.out << R"("anomalies":[)" << std::flush;
  HistorySurvey survey(settings, from, output, std::move(stop), [&](const HistoryFinding& finding) {
    const bool is_first = tally.IsClean();
    ++tally.counts[finding.anomaly];
    if (output.is_json) {
      output.out << (is_first ? "\n" : ",\n") << RenderJson(finding);
    } else {
      output.out << RenderText(finding);
    }
  });
  const common::Result<HistorySums> sums = survey.Run();
  if (output.is_json) output.out << (tally.IsClean() ? "" : "\n") << "],";
  if (sums && output.is_json) {
    output.out << R"("history":)" << RenderJson(*sums, tally) << ",";
  } else if (sums) {
    output.out << RenderText(*sums, tally);
  }
  output.out.flush();
  if (!sums) return sums.error();
  return tally;
}

}  // namespace ctl
