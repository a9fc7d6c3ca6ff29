#include "ops/ctl/shell/progress.h"

#include <gtest/gtest.h>

#include <sstream>

namespace ctl {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(Progress, ShowsRateAndRemainingTime) {
  EXPECT_EQ(RenderProgress("dead", 250, 1000, seconds(10)),
            "dead: 250 of 1000 (25 %), 25/s, 30s left");
  EXPECT_EQ(RenderProgress("dead", 100, 10'100, seconds(1)),
            "dead: 100 of 10100 (0 %), 100/s, 1m40s left");
  EXPECT_EQ(RenderProgress("dead", 1, 7201, seconds(1)), "dead: 1 of 7201 (0 %), 1/s, 2h0m left");
  EXPECT_EQ(RenderProgress("dead", 1000, 1000, seconds(10)),
            "dead: 1000 of 1000 (100 %), 100/s, 0s left");
}

TEST(Progress, ShowsNoRateInTheFirstSecond) {
  EXPECT_EQ(RenderProgress("dead", 250, 1000, milliseconds(999)), "dead: 250 of 1000 (25 %)");
  EXPECT_EQ(RenderProgress("dead", 0, 1000, seconds(5)), "dead: 0 of 1000 (0 %)");
  EXPECT_EQ(RenderProgress("dead", 0, 0, seconds(5)), "dead: 0 of 0");
}

/// The bytes on stderr after two immediate calls of Show() and a Clear().
std::string Written(bool is_terminal, bool is_json) {
  std::ostringstream out;
  std::ostringstream err;
  Output output{.out = out, .err = err, .is_json = is_json, .is_terminal = is_terminal};
  {
    Progress progress(output, "dead");
    progress.Show(1, 10);
    progress.Show(2, 10);
  }
  EXPECT_EQ(out.str(), "");
  return err.str();
}

TEST(Progress, RedrawsOneLineAndErasesIt) {
  EXPECT_EQ(Written(true, false), "\r\x1b[Kdead: 1 of 10 (10 %)\r\x1b[K");
}

TEST(Progress, IsHiddenWithoutATerminalAndWithJson) {
  EXPECT_EQ(Written(false, false), "");
  EXPECT_EQ(Written(true, true), "");
}

}  // namespace
}  // namespace ctl
