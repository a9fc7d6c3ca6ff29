#include "ops/ctl/dead/dead_outcome.h"

#include <gtest/gtest.h>

#include <sstream>

namespace ctl {
namespace {

/// The printed text: stdout, a bar, stderr.
std::string Reported(const RedriveOutcome& outcome, bool is_json = false) {
  std::ostringstream out;
  std::ostringstream err;
  Output output{.out = out, .err = err, .is_json = is_json};
  Report(output, outcome);
  return out.str() + "|" + err.str();
}

TEST(RedriveOutcome, PrintsOneLineIfAllLettersWereRedriven) {
  EXPECT_EQ(Reported({.selected = 2, .stored = 2}), "redrove 2 letters\n|");
  EXPECT_EQ(Reported({.is_dry_run = true, .selected = 1}), "would redrive 1 letter\n|");
  EXPECT_EQ(Reported({.selected = 2, .skipped = 3, .stored = 2}),
            "redrove 2 letters; skipped 3, redriven before\n|");
}

TEST(RedriveOutcome, PrintsEachFailedLetter) {
  const RedriveOutcome outcome{
      .selected = 9,
      .stored = 6,
      .failed = 3,
      .failures = {{{common::Partition(0), common::Offset(7)}, "too large"},
                   {{common::Partition(1), common::Offset(8)}, "too large"}}};
  EXPECT_FALSE(outcome.IsComplete());
  EXPECT_EQ(Reported(outcome),
            "redrove 6 letters\n"
            "|not redriven, or not confirmed: 0:7: too large\n"
            "not redriven, or not confirmed: 1:8: too large\n"
            "and 1 more\n"
            "repeat the command to redrive the rest\n");
  EXPECT_EQ(Reported(outcome, true),
            R"({"dryRun":false,"complete":false,"selected":9,"redriven":6,"failed":3,)"
            R"("redrivenBefore":0,"unsure":0,"failures":[)"
            "\n"
            R"({"partition":0,"offset":7,"error":"too large"},)"
            "\n"
            R"({"partition":1,"offset":8,"error":"too large"})"
            "\n]}\n|");
}

TEST(RedriveOutcome, ExplainsHowToResumeAfterAnInterrupt) {
  EXPECT_EQ(Reported({.selected = 1, .stored = 1, .is_interrupted = true}),
            "redrove 1 letter\n|interrupted: repeat the command to redrive the rest\n");
}

// A script that counts missing letters must know whether the command has looked at all of them.
TEST(RedriveOutcome, NamesInJsonWhyItEndedEarly) {
  const std::string begin =
      R"({"dryRun":false,"complete":false,"selected":2,"redriven":1,"failed":0,)"
      R"("redrivenBefore":0,"unsure":0,"failures":[],)";
  EXPECT_EQ(Reported({.selected = 2, .stored = 1, .is_interrupted = true}, true),
            begin + "\"interrupted\":true}\n|");
  EXPECT_EQ(Reported({.selected = 2,
                      .stored = 1,
                      .error = common::Error{common::Remedy::kRetry, "kafka", "no broker"}},
                     true),
            begin + "\"error\":\"no broker\"}\n|");
}

TEST(RedriveOutcome, WarnsOfLettersThatMayBePublishedTwice) {
  EXPECT_EQ(Reported({.selected = 5,
                      .unsure = 4,
                      .horizon = common::ParseRfc3339("2026-11-16T00:00:00Z"),
                      .stored = 5}),
            "redrove 5 letters\n"
            "|warning: 4 letters died before 2026-11-16T00:00:00.000Z, the start of the kept "
            "callbacks: one that was redriven before that is published again\n");
}

}  // namespace
}  // namespace ctl
