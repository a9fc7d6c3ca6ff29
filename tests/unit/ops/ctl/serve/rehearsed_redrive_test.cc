#include "ops/ctl/serve/rehearsed_redrive.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stop_token>
#include <string>
#include <vector>

namespace ctl {
namespace {

using common::Error;
using common::Remedy;
using common::Result;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

class RehearsedRedriveTest : public testing::Test {
 protected:
  static std::string Body(bool is_dry_run, const std::string& letters = R"("0:1","0:2")") {
    return R"({"letters":[)" + letters + R"(],"dryRun":)" + (is_dry_run ? "true" : "false") + "}";
  }
  Result<std::string> DryRun() { return redrive_.Answer(Body(true), stop_.get_token()); }
  Result<std::string> Run() { return redrive_.Answer(Body(false), stop_.get_token()); }

  RedriveOutcome outcome_{.selected = 2};  ///< Of the next one.
  bool is_stopped_on_the_way_ = false;
  std::stop_source stop_;
  std::vector<bool> calls_;  ///< True: a dry run.
  RehearsedRedrive redrive_{[this](const RedriveOptions& options, Output&,
                                   const std::stop_token&) -> Result<RedriveOutcome> {
    calls_.push_back(options.is_dry_run);
    if (is_stopped_on_the_way_) stop_.request_stop();
    RedriveOutcome outcome = outcome_;
    outcome.is_dry_run = options.is_dry_run;
    return outcome;
  }};
};

TEST_F(RehearsedRedriveTest, RunsOnceAfterADryRunOfTheSameLetters) {
  EXPECT_EQ(Run().error().remedy, Remedy::kReject);
  EXPECT_THAT(*DryRun(), HasSubstr(R"("dryRun":true,"complete":true,"selected":2)"));
  EXPECT_FALSE(redrive_.Answer(Body(false, R"("0:1")"), stop_.get_token()));
  EXPECT_THAT(*Run(), HasSubstr(R"("dryRun":false)"));
  EXPECT_EQ(Run().error().detail, "these letters need a dry run first");
  EXPECT_THAT(calls_, ElementsAre(true, false));
}

TEST_F(RehearsedRedriveTest, CountsADryRunThatRefusedALetter) {
  outcome_ = {.selected = 1,
              .failed = 1,
              .failures = {{{common::Partition(0), common::Offset(2)}, "its body is omitted"}}};
  EXPECT_THAT(*DryRun(), HasSubstr("its body is omitted"));
  EXPECT_TRUE(Run());
}

// Of the letters that it has not seen, the page would say that they are gone.
TEST_F(RehearsedRedriveTest, TellsThatADryRunWasStopped) {
  is_stopped_on_the_way_ = true;
  outcome_ = {.selected = 1, .is_interrupted = true};
  const auto answer = DryRun();
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().remedy, Remedy::kRetry);
  EXPECT_THAT(answer.error().detail, HasSubstr("no answer within a minute"));
  EXPECT_EQ(Run().error().detail, "these letters need a dry run first");
}

TEST_F(RehearsedRedriveTest, DoesNotCountADryRunThatFailed) {
  outcome_.error = Error{Remedy::kRetry, "no_broker", "no broker answers"};
  EXPECT_EQ(DryRun().error().detail, "no broker answers");
  EXPECT_EQ(Run().error().detail, "these letters need a dry run first");
}

// Letters are on `callbacks`, so the error alone would be half of the truth.
TEST_F(RehearsedRedriveTest, ReportsARedriveThatEndedEarly) {
  ASSERT_TRUE(DryRun());
  outcome_ = {
      .selected = 2, .stored = 1, .error = Error{Remedy::kRetry, "no_broker", "no broker answers"}};
  const auto failed = Run();
  ASSERT_TRUE(failed);
  EXPECT_THAT(*failed, AllOf(HasSubstr(R"("redriven":1)"), HasSubstr("no broker answers")));

  outcome_ = {.selected = 2};
  ASSERT_TRUE(DryRun());
  is_stopped_on_the_way_ = true;
  outcome_ = {.selected = 1, .stored = 1, .is_interrupted = true};
  const auto stopped = Run();
  ASSERT_TRUE(stopped);
  EXPECT_THAT(*stopped, AllOf(HasSubstr(R"("redriven":1)"), HasSubstr(R"("interrupted":true)")));
}

}  // namespace
}  // namespace ctl
