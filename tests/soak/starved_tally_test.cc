#include "tests/soak/starved_tally.h"

#include <gtest/gtest.h>

namespace soak {
namespace {

TEST(StarvedTally, SumsTheVerdictsOfRuns) {
  StarvedTally tally;
  tally.Add(StarvedVerdict{.seed = 1, .hung = "no"}, true);
  tally.Add(StarvedVerdict{.seed = 2, .hung = "program"}, true);
  EXPECT_TRUE(tally.IsGood());
  tally.Add(StarvedVerdict{.seed = 3, .twice = 1, .lost = 2, .held = 3, .dead = 4, .hung = "not"},
            false);
  tally.Add(std::nullopt, false);
  EXPECT_FALSE(tally.IsGood());
  EXPECT_EQ(tally.ToText(3, 1),
            "4 runs of 3 node(s), 1 of each partition: 1 results twice, 2 lost, 3 held up, 4 dead "
            "letters; 2 hung: 1 healed by the program, 0 by one command, 1 not; 1 did not finish; "
            "2 failed");
}

TEST(StarvedVerdict, SurvivesWritingAndReading) {
  const StarvedVerdict verdict{
      .seed = 7, .twice = 1, .lost = 2, .held = 3, .dead = 4, .hung = "command"};
  EXPECT_EQ(ToLine(verdict), "seed=7 twice=1 lost=2 held=3 dead=4 hung=command\n");
  const auto read = ReadVerdict(ToLine(verdict));
  ASSERT_TRUE(read);
  EXPECT_EQ(ToLine(*read), ToLine(verdict));
  EXPECT_FALSE(ReadVerdict(""));
  EXPECT_FALSE(ReadVerdict("seed=7 twice=1 lost=2 held=3 dead=4"));
  EXPECT_FALSE(ReadVerdict("seed=7 lost=2 twice=1 held=3 dead=4 hung=no"));
}

}  // namespace
}  // namespace soak
