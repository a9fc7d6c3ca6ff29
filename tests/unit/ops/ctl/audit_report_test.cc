#include "ops/ctl/audit/audit_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ctl {
namespace {

using testing::HasSubstr;
using testing::Not;

AuditLine Line(AuditFinding finding) {
  return {.finding = finding,
          .partition = common::Partition(3),
          .key = "key",
          .provider = "onfido",
          .dossier = "d",
          .process = "p",
          .status = "accepted",
          .time = common::WallTime{std::chrono::hours(24 * 20'000)}};
}

AuditSums Sums() {
  AuditSums sums;
  sums.judged.callbacks = 10;
  sums.judged.disposed_of = 4;
  sums.judged.duplicates = 6;
  return sums;
}

TEST(AuditReport, ShowsProcessAndPlaceOfEachFinding) {
  EXPECT_EQ(RenderText(Line({AuditFault::kNoMarker, Offset(17), {}})),
            "missing   3:17        process p                                     onfido     "
            "accepted      "
            "2024-10-04T00:00:00.000Z  it was skipped: no marker, no result, no dead letter\n");
  AuditLine unreadable = Line({AuditFault::kNoResult, Offset(17), {}});
  unreadable.process.reset();
  unreadable.status.reset();
  EXPECT_THAT(RenderText(unreadable), HasSubstr("  unreadable body, key key "));
}

TEST(AuditReport, ShowsTheFirstCallbackOfASurplus) {
  EXPECT_THAT(RenderText(Line({AuditFault::kSurplus, Offset(17), Offset(5)})),
              HasSubstr("so has 3:5, the same fact"));
  EXPECT_THAT(RenderText(Line({AuditFault::kSurplus, Offset(17), Offset(17)})),
              HasSubstr("several results"));
  EXPECT_THAT(RenderText(Line({AuditFault::kSurplus, Offset(17), {}})),
              HasSubstr("disposed of before"));
}

TEST(AuditReport, EscapesControlCharactersOfABody) {
  AuditLine line = Line({AuditFault::kNoMarker, Offset(17), {}});
  line.process = line.status = line.provider = "\x1b[31m";
  EXPECT_THAT(RenderText(line), Not(HasSubstr("\x1b")));
}

TEST(AuditReport, RendersEachFindingAsOneJsonObject) {
  EXPECT_EQ(RenderJson(Line({AuditFault::kSurplus, Offset(17), Offset(5)})),
            R"({"finding":"surplus","why":"surplus","partition":3,"offset":17,"key":"key",)"
            R"("provider":"onfido","dossierId":"d","processId":"p","status":"accepted",)"
            R"("time":"2024-10-04T00:00:00.000Z","firstOffset":5})");
}

TEST(AuditReport, EndsWithTheSums) {
  AuditTally tally;
  EXPECT_EQ(RenderText(Sums(), tally),
            "10 callbacks: 4 with a result or dead letter, 6 redelivered\n"
            "nothing is missing, nothing is there twice\n");
  tally.Count(AuditFault::kNoMarker);
  tally.Count(AuditFault::kNoResult);
  tally.Count(AuditFault::kSurplus);
  tally.Count(AuditFault::kUnmarked);
  tally.put_back = 2;
  AuditSums sums = Sums();
  sums.waiting = 5;
  sums.under_way = 1;
  sums.judged.ignored = 3;
  sums.notes = {"something"};
  EXPECT_EQ(
      RenderText(sums, tally),
      "10 callbacks: 4 with a result or dead letter, 6 redelivered, 3 ignored, 1 put back but "
      "not handled yet, 2 missing\n"
      "5 more wait: the group has not read them yet\n"
      "note: something\n"
      "2 put back; audit again once they are handled\n"
      "FOUND: 2 missing, 1 surplus, 1 unmarked\n");
}

TEST(AuditReport, AsksForTheFileIfRowsAreNotKnown) {
  AuditTally tally;
  tally.Count(AuditFault::kNoMarker);
  EXPECT_THAT(RenderText(Sums(), tally), Not(HasSubstr("--config")));
  EXPECT_THAT(RenderJson(Sums(), tally), Not(HasSubstr("withoutRow")));
  tally.without_row = 1;
  EXPECT_THAT(RenderText(Sums(), tally),
              HasSubstr("note: the rows of 1 missing ones are not known here, so they may have an "
                        "outcome and are not put back. Pass consumer's file: --config\n"));
  EXPECT_THAT(RenderJson(Sums(), tally), HasSubstr(R"("withoutRow":1)"));
}

TEST(AuditReport, Returns1IfRecordsHaveExpired) {
  AuditSums sums = Sums();
  AuditTally tally;
  EXPECT_EQ(ExitStatusOf(sums, tally), 0);
  EXPECT_THAT(RenderJson(sums, tally), HasSubstr(R"({"ok":true,"callbacks":10,)"));
  sums.judged.expired = 1;
  EXPECT_EQ(ExitStatusOf(sums, tally), 1);
  EXPECT_THAT(RenderJson(sums, tally), HasSubstr(R"({"ok":false,)"));
  EXPECT_THAT(RenderText(sums, tally), HasSubstr("nothing else is missing"));
  tally.Count(AuditFault::kSurplus);
  EXPECT_EQ(ExitStatusOf(sums, tally), 3);
}

}  // namespace
}  // namespace ctl
