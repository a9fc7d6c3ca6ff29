#include "ops/ctl/erase/erase_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "ops/ctl/erase/dossier_name.h"
#include "ops/ctl/erase/erase.h"

namespace ctl {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;
using When = RecordEnd::When;

constexpr common::WallTime kNoon{std::chrono::sys_days{std::chrono::year{2026} / 11 / 30} +
                                 std::chrono::hours(12)};

NamingRecord GoneBy(common::WallTime by) {
  return {.what = NamingRecord::What::kResult,
          .topic = "processes",
          .place = {common::Partition(3), common::Offset(17)},
          .at = kNoon,
          .end = {.when = When::kBy, .by = by}};
}

EraseReport With(std::vector<NamingRecord> records) {
  return {.dossier = "d-1", .records = std::move(records)};
}

TEST(EraseReport, BeginsWithTheVerdict) {
  EXPECT_THAT(RenderText(With({})), StartsWith("dossier d-1: no record names it\n"));
  EXPECT_THAT(RenderText(With({GoneBy(kNoon), GoneBy(kNoon + std::chrono::hours(1))})),
              StartsWith("dossier d-1: 2 records on topics, the last gone by "
                         "2026-11-30T13:00:00.000Z\n"));
  NamingRecord never = GoneBy({});
  never.end = {.when = When::kNever, .why = "retention.ms=-1"};
  NamingRecord unknown = GoneBy({});
  unknown.end = {.when = When::kUnknown, .why = "x"};
  EraseReport report = With({GoneBy(kNoon), never, unknown});
  report.spooled = {{.path = "spool.db", .request_id = "r", .received_at = kNoon}};
  report.at_signicat = {.outcome = DeletionOutcome::kDeleted, .status = 204, .attempts = 1};
  EXPECT_THAT(RenderText(report),
              StartsWith("dossier d-1: 3 records on topics, 1 callback in spools, the last gone by "
                         "2026-11-30T12:00:00.000Z, 1 never, 1 at an unknown time; at Signicat: "
                         "deleted\n"));
}

TEST(EraseReport, ListsEachRecordWithItsEnd) {
  NamingRecord marker = GoneBy({});
  marker.what = NamingRecord::What::kMarker;
  marker.how = NamingRecord::How::kHash;
  marker.end = {.when = When::kNever, .why = "retention.ms=-1"};
  const EraseReport report = With({GoneBy(kNoon), marker});
  EXPECT_THAT(RenderText(report),
              AllOf(HasSubstr("processes  3:17   2026-11-30T12:00:00.000Z  result  dossierId  by "
                              "2026-11-30T12:00:00.000Z"),
                    HasSubstr("marker  hash       never: retention.ms=-1")));
  EXPECT_THAT(
      RenderJson(report),
      AllOf(HasSubstr(R"("topic":"processes","partition":3,"offset":17,)"
                      R"("at":"2026-11-30T12:00:00.000Z","is":"result","names":"dossierId",)"
                      R"("gone":"by","goneBy":"2026-11-30T12:00:00.000Z","why":null})"),
            HasSubstr(R"("gone":"never","goneBy":null,"why":"retention.ms=-1"})"),
            HasSubstr(R"("complete":true)"), HasSubstr(R"("atSignicat":null)")));
}

TEST(EraseReport, EndsWithTheStatusOfTheWorstThing) {
  const auto at_signicat = [](EraseReport report, DeletionOutcome outcome) {
    report.at_signicat = {.outcome = outcome};
    return StatusOf(report);
  };
  const EraseReport empty = With({});
  const EraseReport good = With({GoneBy(kNoon)});
  EraseReport never = With({GoneBy(kNoon)});
  never.records[0].end.when = When::kNever;
  EraseReport unknown = never;
  unknown.records[0].end.when = When::kUnknown;
  EraseReport spooled = empty;
  spooled.spooled.emplace_back();
  EraseReport gap = never;
  gap.gaps.emplace_back("callbacks could not be read");

  EXPECT_EQ(StatusOf(empty), 4);
  EXPECT_EQ(StatusOf(good), 0);
  EXPECT_EQ(StatusOf(never), 3);
  EXPECT_EQ(StatusOf(unknown), 3);
  EXPECT_EQ(StatusOf(spooled), 3);
  EXPECT_EQ(StatusOf(gap), 1);
  EXPECT_EQ(at_signicat(empty, DeletionOutcome::kGone), 0);
  EXPECT_EQ(at_signicat(good, DeletionOutcome::kDeleted), 0);
  EXPECT_EQ(at_signicat(good, DeletionOutcome::kRefused), 3);
  EXPECT_EQ(at_signicat(never, DeletionOutcome::kDeleted), 3);
  EXPECT_EQ(at_signicat(never, DeletionOutcome::kUnavailable), 1);
}

TEST(EraseReport, NamesGapsAndRemarks) {
  EraseReport report = With({});
  report.gaps = {"processes could not be read: denied"};
  report.remarks = {"a remark"};
  EXPECT_THAT(RenderText(report),
              AllOf(StartsWith("dossier d-1: no record that was read names it\n"),
                    HasSubstr("not read: processes could not be read: denied\n"),
                    HasSubstr("note: a remark\n")));
  EXPECT_THAT(RenderJson(report),
              AllOf(HasSubstr(R"("complete":false)"), HasSubstr("processes could not be read")));
}

TEST(DossierName, IsFoundInAnyCaseButNotByAccident) {
  const DossierName dossier("54a1ad5f-74dd-47ba-b992-1cb2b4636341");
  EXPECT_TRUE(dossier.IsIn("x54A1AD5F-74dd-47BA-b992-1cb2b4636341y"));
  EXPECT_FALSE(dossier.IsIn("54a1ad5f-74dd-47ba-b992-1cb2b463634"));
  EXPECT_FALSE(dossier.IsIn(""));
  EXPECT_TRUE(dossier.IsIn(
      common::RecordHeaders{{"a", "b"}, {"provider", "x/54a1ad5f-74dd-47ba-b992-1cb2b4636341"}}));
  EXPECT_FALSE(DossierName("d").IsIn("dossier"));
}

TEST(ConfirmDeletion, NeedsTheSameId) {
  const auto answered = [](const std::string& line) {
    std::istringstream in(line);
    std::ostringstream err;
    const bool is_confirmed = ConfirmDeletion("54a1ad5f-74dd-47ba-b992-1cb2b4636341", in, err);
    EXPECT_THAT(err.str(), HasSubstr("Type its id"));
    return is_confirmed;
  };
  EXPECT_TRUE(answered("54a1ad5f-74dd-47ba-b992-1cb2b4636341\n"));
  EXPECT_TRUE(answered(" 54A1AD5F-74DD-47BA-B992-1CB2B4636341 \n"));
  EXPECT_FALSE(answered("yes\n"));
  EXPECT_FALSE(answered("\n"));
  EXPECT_FALSE(answered(""));
}

}  // namespace
}  // namespace ctl
