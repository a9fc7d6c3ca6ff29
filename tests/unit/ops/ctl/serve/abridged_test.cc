#include "ops/ctl/serve/abridged.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ctl {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

TraceReport ReportOf(std::size_t others, std::size_t duplicates) {
  TraceReport report{.id = "p", .timeline = {}};
  report.timeline.events.assign(others,
                                TraceEvent{.what = TraceEvent::What::kRedriven, .place = {}});
  report.timeline.events.insert(report.timeline.events.end(), duplicates,
                                TraceEvent{.what = TraceEvent::What::kDuplicate, .place = {}});
  return report;
}

TEST(Abridged, KeepsShortAnswersWhole) {
  std::vector<TraceReport> reports(100, ReportOf(400, 50));
  EXPECT_THAT(Abridge(reports), IsEmpty());
  EXPECT_THAT(reports, SizeIs(100));
  EXPECT_THAT(reports[0].timeline.events, SizeIs(450));
}

TEST(Abridged, ReportsHowManyEventsItOmits) {
  std::vector<TraceReport> reports{ReportOf(1, 1'000'000)};
  EXPECT_THAT(Abridge(reports), ElementsAre("999950 duplicates of p are left out: `sluicectl "
                                            "trace` lists all"));
  EXPECT_THAT(reports[0].timeline.events, SizeIs(51));

  reports = {ReportOf(501, 0)};
  EXPECT_THAT(Abridge(reports),
              ElementsAre("1 last events of p are left out: `sluicectl trace` lists all"));
  EXPECT_THAT(reports[0].timeline.events, SizeIs(500));

  reports.assign(101, ReportOf(1, 0));
  EXPECT_THAT(Abridge(reports),
              ElementsAre("1 processes are left out: `sluicectl trace` lists all"));
  EXPECT_THAT(reports, SizeIs(100));
}

}  // namespace
}  // namespace ctl
