#include "tests/bench/table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bench {
namespace {

using testing::HasSubstr;

TEST(BenchTable, RendersMarkdownWithAlignedColumns) {
  EXPECT_EQ(RenderTable("http", {{.figure = "CPU",
                                  .unit = "µs",
                                  .spread = {12.345, 9, 1234.5},
                                  .comparison = Comparison{"nginx", 1.1},
                                  .goal = "<= 1.2"},
                                 {.figure = "switches", .unit = "-", .spread = {0, 0, 0.5}}}),
            "\n## http\n\n"
            "| figure   | unit | median | min - max | compared with | ratio | goal   | met |\n"
            "| -------- | ---- | ------ | --------- | ------------- | ----- | ------ | --- |\n"
            "| CPU      | µs   | 12.3   | 9 - 1234  | nginx         | 1.1   | <= 1.2 | yes |\n"
            "| switches | -    | 0      | 0 - 0.5   | -             | -     | -      | -   |\n");
}

Row WithGoal(std::optional<Comparison> comparison, const std::string& goal) {
  return {.figure = "f",
          .unit = "u",
          .spread = {20, 20, 20},
          .comparison = std::move(comparison),
          .goal = goal};
}

TEST(BenchTable, ChecksTheGoalAgainstTheRatioOrAgainstTheMedianWithoutComparison) {
  EXPECT_THAT(RenderTable("t", {WithGoal(Comparison{"x", 0.7}, ">= 0.8")}), HasSubstr("| NO "));
  EXPECT_THAT(RenderTable("t", {WithGoal(Comparison{"x", 0.8}, ">= 0.8")}), HasSubstr("| yes "));
  EXPECT_THAT(RenderTable("t", {WithGoal(std::nullopt, "<= 24")}), HasSubstr("| yes "));
  EXPECT_THAT(RenderTable("t", {WithGoal(std::nullopt, "<= 19")}), HasSubstr("| NO "));
}

}  // namespace
}  // namespace bench
