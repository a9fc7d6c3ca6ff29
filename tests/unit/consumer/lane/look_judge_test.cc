#include "consumer/lane/look_judge.h"

#include <gtest/gtest.h>

#include <ostream>
#include <string>

namespace consumer {
namespace {

using namespace std::chrono_literals;

constexpr common::WallTime kNoon{std::chrono::hours(480'000)};

struct AnswerCase {
  const char* name;
  FetchOutcome outcome;
  LookAnswer answer;
};
void PrintTo(const AnswerCase& c, std::ostream* out) { *out << c.name; }

class LookAnswerTable : public ::testing::TestWithParam<AnswerCase> {};

TEST_P(LookAnswerTable, MapsOutcomeToAnswer) {
  EXPECT_EQ(AnswerOf(GetParam().outcome), GetParam().answer);
}

INSTANTIATE_TEST_SUITE_P(
    Table, LookAnswerTable,
    ::testing::Values(
        AnswerCase{"Unfinished", NotFinished{Reaction::kAwait}, LookAnswer::kUnfinished},
        AnswerCase{"NotFound", NotFinished{Reaction::kRetryMissing}, LookAnswer::kMissing},
        AnswerCase{"Gone", NotFinished{Reaction::kGone}, LookAnswer::kGone},
        AnswerCase{"ApiFailed", NotFinished{Reaction::kRetry}, LookAnswer::kFailed},
        AnswerCase{"Unfetchable", Unfetchable{}, LookAnswer::kFailed}),
    [](const auto& tested) { return std::string(tested.param.name); });

class LookJudgeTest : public ::testing::Test {
 protected:
  std::optional<ExpectedEnd> Look(LookAnswer answer, common::WallTime at) {
    table.MoveDue(at, 1);
    table.StartLook(slot);
    return Judge(policy, table, slot, answer, at);
  }

  ExpectedPolicy policy{{.within = 1h, .max_wait = 24h}, 10min};
  ExpectedTable table;
  ExpectedTable::Slot slot =
      table.Put({.process = "p", .dossier = "d", .at = kNoon, .within = 1h}, kNoon + 1h);
};

TEST_F(LookJudgeTest, PostponesUnfinishedProcessAndCountsTheLook) {
  EXPECT_FALSE(Look(LookAnswer::kUnfinished, kNoon + 1h));
  EXPECT_EQ(table.At(slot).state, ExpectedEntry::State::kWaiting);
  EXPECT_GT(table.At(slot).due, kNoon + 1h);
  EXPECT_EQ(table.At(slot).looks, 1);
}

TEST_F(LookJudgeTest, CountsFailuresInARow) {
  EXPECT_FALSE(Look(LookAnswer::kFailed, kNoon + 1h));
  EXPECT_FALSE(Look(LookAnswer::kFailed, kNoon + 2h));
  EXPECT_EQ(table.At(slot).failures, 2);
  EXPECT_FALSE(Look(LookAnswer::kUnfinished, kNoon + 3h));
  EXPECT_EQ(table.At(slot).failures, 0);
}

TEST_F(LookJudgeTest, EndsProcessThatIsMissingForLong) {
  EXPECT_FALSE(Look(LookAnswer::kMissing, kNoon + 1h));
  EXPECT_EQ(table.At(slot).missing_since, kNoon + 1h);
  EXPECT_EQ(Look(LookAnswer::kMissing, kNoon + 2h), ExpectedEnd::kGone);
  EXPECT_EQ(table.At(slot).state, ExpectedEntry::State::kLooking) << "the caller removes it";
}

TEST_F(LookJudgeTest, ForgetsMissingProcessThatIsFoundAgain) {
  EXPECT_FALSE(Look(LookAnswer::kMissing, kNoon + 1h));
  EXPECT_FALSE(Look(LookAnswer::kUnfinished, kNoon + 2h));
  EXPECT_EQ(table.At(slot).missing_since, common::WallTime());
  EXPECT_FALSE(Look(LookAnswer::kMissing, kNoon + 3h));
}

}  // namespace
}  // namespace consumer
