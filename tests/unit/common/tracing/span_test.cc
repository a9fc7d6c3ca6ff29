#include "common/tracing/span.h"

#include <gtest/gtest.h>

#include "tests/unit/common/tracing/recording_spans.h"

namespace common::tracing {
namespace {

TEST(Span, KeepsTheFirst256BytesOfAText) {
  Span span;
  AddText(span, "empty", "");
  AddText(span, "whole", std::string(256, 'a'));
  AddText(span, "long", std::string(1'000'000, 'a'));
  ASSERT_EQ(span.attributes.size(), 2U);
  EXPECT_EQ(ValueOf(span, "whole"), std::string(256, 'a'));
  EXPECT_EQ(ValueOf(span, "long"), std::string(256, 'a'));
}

TEST(Span, CutsATextBetweenCharacters) {
  struct Case {
    std::string character;
    std::size_t before;  ///< Bytes in front of the first character.
    std::size_t kept;
  };
  const std::string two = "\xC3\xB6";
  const std::string three = "\xE2\x82\xAC";
  const std::string four = "\xF0\x9F\x98\x80";
  for (const auto& [character, before, kept] :
       {Case{two, 0, 256}, Case{two, 1, 255},  //
        Case{three, 0, 255}, Case{three, 1, 256}, Case{three, 2, 254}, Case{four, 0, 256},
        Case{four, 1, 253}, Case{four, 3, 255}}) {
    std::string text(before, 'a');
    while (text.size() < 300) text += character;
    EXPECT_EQ(CutText(text).size(), kept) << character << " after " << before;
    EXPECT_TRUE(text.starts_with(CutText(text)));
  }
}

TEST(Span, CutsInvalidUtf8) {
  EXPECT_EQ(CutText(std::string(1'000, '\x80')).size(), 253U);
  EXPECT_EQ(CutText(std::string(1'000, '\xFF')).size(), 256U);
}

}  // namespace
}  // namespace common::tracing
