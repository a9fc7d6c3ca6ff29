#include "ops/ctl/shell/output.h"

#include <gtest/gtest.h>

#include <sstream>

#include "ops/ctl/providers/schedule_text.h"

namespace ctl {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

TEST(Table, AlignsColumnsByCharacters) {
  EXPECT_EQ(
      RenderTable({"NAME", "N"}, {{"\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9", "1"}, {"a", "22"}}),
      "NAME   N\n"
      "\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9  1\n"
      "a      22\n");
}

TEST(Table, LeavesNoTrailingSpaces) {
  EXPECT_EQ(RenderTable({"A", "LONG"}, {{"x", ""}}), "A  LONG\nx\n");
}

TEST(Printable, EscapesControlCharactersAndInvalidUtf8) {
  EXPECT_EQ(Printable("plain \xC3\xA9"), "plain \xC3\xA9");
  EXPECT_EQ(Printable("\x1b[2J\n\x7f"), "\\x1b[2J\\x0a\\x7f");
  EXPECT_EQ(Printable("\xC2\x9b"
                      "2J\xC2\xA0"),
            "\\xc2\\x9b"
            "2J\xC2\xA0");
  EXPECT_EQ(Printable("\xFF\xC3"), "\\xff\\xc3");
}

TEST(JsonArray, PutsEachElementOnItsOwnLine) {
  EXPECT_EQ(RenderArray({}), "[]");
  EXPECT_EQ(RenderArray({"1"}), "[\n1\n]");
  EXPECT_EQ(RenderArray({"1", "{}"}), "[\n1,\n{}\n]");
}

TEST(Schedule, IsDescribedBriefly) {
  EXPECT_EQ(DescribeSchedule({}), "-");
  EXPECT_EQ(DescribeSchedule({seconds(30)}), "30s");
  EXPECT_EQ(DescribeSchedule({seconds(30), minutes(2), hours(10)}), "30s 2m 10h");
  EXPECT_EQ(DescribeSchedule({minutes(10), minutes(20), minutes(30)}), "every 10m, 3 times");
}

TEST(PaintFirstLine, PaintsOnlyIfOutputIsColoured) {
  std::ostringstream out;
  std::ostringstream err;
  Output output{.out = out, .err = err};
  EXPECT_EQ(PaintFirstLine(output, Tone::kBad, "NOT WELL\nmore\n"), "NOT WELL\nmore\n");
  output.is_coloured = true;
  EXPECT_EQ(PaintFirstLine(output, Tone::kBad, "NOT WELL\nmore\n"),
            "\x1b[31mNOT WELL\x1b[0m\nmore\n");
  EXPECT_EQ(PaintFirstLine(output, Tone::kGood, "ok"), "\x1b[32mok\x1b[0m");
}

}  // namespace
}  // namespace ctl
