#include "ops/ctl/transactions/transactions_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ctl {
namespace {

using common::TransactionName;
using common::TransactionOutcome;
using std::chrono::hours;
using std::chrono::seconds;
using ::testing::HasSubstr;

const common::WallTime kNow{hours(500'000)};

UnendedTransaction Open(const std::string& instance, std::uint64_t number,
                        TransactionOutcome verdict, seconds age = seconds(600)) {
  return {.place = {"processes", common::Partition(3)},
          .offset = common::Offset(17),
          .last = common::Offset(18),
          .records = 2,
          .name = TransactionName{instance, number},
          .since = kNow - age,
          .sources = {common::Partition(3)},
          .is_first = true,
          .twins = {.visible = 1},
          .verdict = verdict};
}
std::string WhyNot(const UnendedTransaction& open, std::vector<UnendedTransaction> behind = {}) {
  behind.insert(behind.begin(), open);
  return ReasonNotToEnd(open, behind, kNow).value_or("");
}

TEST(TransactionsReport, AllowsEndingOldTransactionsWithAVerdict) {
  EXPECT_EQ(WhyNot(Open("a", 1, TransactionOutcome::kCommitted)), "");
  EXPECT_EQ(WhyNot(Open("a", 1, TransactionOutcome::kAborted)), "");
  EXPECT_THAT(WhyNot(Open("a", 1, TransactionOutcome::kUnknown)), HasSubstr("no evidence"));
  EXPECT_THAT(WhyNot(Open("a", 1, TransactionOutcome::kContradiction)),
              HasSubstr("some of it was committed"));
  EXPECT_THAT(WhyNot(Open("a", 1, TransactionOutcome::kAborted, seconds(60))), HasSubstr("living"));
  UnendedTransaction nameless = Open("a", 1, TransactionOutcome::kAborted);
  nameless.name.reset();
  EXPECT_THAT(WhyNot(nameless), HasSubstr("do not name their instance"));
}

TEST(TransactionsReport, RefusesIfDifferentlyDecidedTransactionsWouldEndTogether) {
  const UnendedTransaction first = Open("a", 1, TransactionOutcome::kAborted);
  EXPECT_EQ(WhyNot(first, {Open("b", 2, TransactionOutcome::kCommitted)}), "")
      << "it belongs to another producer";
  EXPECT_EQ(WhyNot(first, {Open("a", 2, TransactionOutcome::kAborted)}), "");
  EXPECT_THAT(WhyNot(first, {Open("a", 2, TransactionOutcome::kCommitted)}),
              HasSubstr("end together"));
  EXPECT_THAT(WhyNot(first, {Open("a", 2, TransactionOutcome::kUnknown)}),
              HasSubstr("end together"));
  EXPECT_THAT(WhyNot(Open("a", 1, TransactionOutcome::kCommitted),
                     {Open("a", 2, TransactionOutcome::kAborted)}),
              HasSubstr("end together"));
}

TEST(TransactionsReport, ShowsPlaceOwnerStartAndVerdictOfEach) {
  TransactionsSurvey survey;
  EXPECT_EQ(RenderText(survey, kNow), "nothing is open\n");
  EXPECT_THAT(RenderJson(survey, kNow), HasSubstr(R"("ok":true)"));
  survey.open = {Open("sluice.a-0", 5, TransactionOutcome::kCommitted)};
  survey.pending_offsets = {{common::Partition(7), {}}};
  const std::string text = RenderText(survey, kNow);
  EXPECT_THAT(text, HasSubstr("processes:3"));
  EXPECT_THAT(text, HasSubstr("sluice.a-0"));
  EXPECT_THAT(text, HasSubstr("committed"));
  EXPECT_THAT(text, HasSubstr("the offset of partition 7 is pending"));
  EXPECT_THAT(text, HasSubstr("1 are older than"));
  const std::string json = RenderJson(survey, kNow);
  EXPECT_THAT(json, HasSubstr(R"("ok":false)"));
  EXPECT_THAT(
      json,
      HasSubstr(
          R"("topic":"processes","partition":3,"offset":17,"records":2,"instance":"sluice.a-0",)"
          R"("transaction":"5")"));
  EXPECT_THAT(json, HasSubstr(R"("age_s":600,"verdict":"committed","first":true)"));
}

TEST(TransactionsReport, LeavesTransactionsOfAnnouncementsToTheirProgram) {
  UnendedTransaction open = Open("a", 1, TransactionOutcome::kUnknown);
  EXPECT_TRUE(IsForgotten(open, kNow));
  open.is_of_announcements = true;
  EXPECT_FALSE(IsForgotten(open, kNow)) << "Kafka has not forgotten it";
}

TEST(TransactionsReport, NamesFailedLookUps) {
  const TransactionsSurvey survey{.unknown = "those on expected: no such topic"};
  EXPECT_EQ(RenderText(survey, kNow),
            "unknown: those on expected: no such topic\nnothing is open\n");
  EXPECT_THAT(RenderJson(survey, kNow), HasSubstr(R"("ok":false)"));
  EXPECT_THAT(RenderJson(survey, kNow),
              HasSubstr(R"("unknown":"those on expected: no such topic")"));
}

TEST(TopicPartition, SplitsAtTheLastColon) {
  const auto place = ParseTopicPartition("a:b:12");
  ASSERT_TRUE(place.has_value());
  EXPECT_EQ(place->topic, "a:b");
  EXPECT_EQ(place->partition, common::Partition(12));
  for (const char* text : {"", ":1", "processes", "processes:", "processes:-1", "processes:x"}) {
    EXPECT_FALSE(ParseTopicPartition(text)) << text;
  }
}

}  // namespace
}  // namespace ctl
