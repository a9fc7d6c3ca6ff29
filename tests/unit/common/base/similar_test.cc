#include "common/base/similar.h"

#include <gtest/gtest.h>

#include <array>

namespace common {
namespace {

std::string Suggested(std::string_view typed) {
  constexpr std::array<std::string_view, 4> kKnown = {"status", "send", "dead list", "dead show"};
  return std::string(FindSimilar(typed, kKnown).value_or("none"));
}

TEST(FindSimilar, ReturnsTheCandidateWithTheFewestDifferences) {
  EXPECT_EQ(Suggested("statsu"), "status");
  EXPECT_EQ(Suggested("status"), "status");
  EXPECT_EQ(Suggested("satus"), "status");
  EXPECT_EQ(Suggested("stattuss"), "status");
  EXPECT_EQ(Suggested("snd"), "send");
  EXPECT_EQ(Suggested("dead lits"), "dead list");
}

TEST(FindSimilar, ReturnsNothingForATextThatDiffersMuchOrIsShort) {
  EXPECT_EQ(Suggested("static"), "status");
  EXPECT_EQ(Suggested("statement"), "none");
  EXPECT_EQ(Suggested("dead"), "none");
  EXPECT_EQ(Suggested("se"), "none");
  EXPECT_EQ(Suggested(""), "none");
}

}  // namespace
}  // namespace common
