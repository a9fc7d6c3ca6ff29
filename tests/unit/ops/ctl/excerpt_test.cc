#include "ops/ctl/records/excerpt.h"

#include <gtest/gtest.h>

#include <string>

namespace ctl {
namespace {

std::string ExcerptOf(std::string text) {
  CutToExcerpt(text);
  return text;
}

TEST(Excerpt, IsAShortTextAsItIs) {
  EXPECT_EQ(ExcerptOf(""), "");
  EXPECT_EQ(ExcerptOf(std::string(256, 'x')), std::string(256, 'x'));
  std::optional<std::string> none;
  CutToExcerpt(none);
  EXPECT_FALSE(none);
}

TEST(Excerpt, EndsBehindAWholeCharacter) {
  EXPECT_EQ(ExcerptOf(std::string(257, 'x')), std::string(256, 'x') + "…");
  const std::string four = "\xF0\x9F\x98\x80";
  for (std::size_t before = 252; before <= 256; ++before) {
    const std::string text = std::string(before, 'x') + four + four;
    const std::string kept = before == 252 ? text.substr(0, 256) : std::string(before, 'x');
    EXPECT_EQ(ExcerptOf(text), kept + "…") << before;
  }
}

TEST(Excerpt, OfBytesThatAreNotUtf8IsNearlyAsLong) {
  EXPECT_EQ(ExcerptOf(std::string(1000, '\x80')), std::string(253, '\x80') + "…");
}

TEST(Excerpt, DoesNotKeepTheMemoryOfTheText) {
  std::string text(std::size_t{1} << 20U, 'x');
  CutToExcerpt(text);
  EXPECT_LT(text.capacity(), 1024U);
}

}  // namespace
}  // namespace ctl
