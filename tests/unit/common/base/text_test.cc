#include "common/base/text.h"

#include <gtest/gtest.h>

#include <string>

#include "common/base/sha256.h"
#include "common/base/utf8.h"

namespace common {
namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;

TEST(Text, LowersAndComparesAsciiOnly) {
  EXPECT_EQ(ToLowerAscii("OnFido-9 ÄZ"), "onfido-9 Äz");
  EXPECT_TRUE(EqualsIgnoringCase("Content-TYPE", "content-type"));
  EXPECT_FALSE(EqualsIgnoringCase("content-type", "content-typ"));
  EXPECT_FALSE(EqualsIgnoringCase("k", "\xE2\x84\xAA"));  // KELVIN SIGN
}

TEST(Text, TrimsAsciiWhiteSpaceAtBothEnds) {
  EXPECT_EQ(TrimAscii(" \t\r\n\v\fa b\f\v\n\r\t "), "a b");
  EXPECT_EQ(TrimAscii(" \t "), "");
  EXPECT_EQ(TrimAscii(""), "");
  EXPECT_EQ(TrimAscii("\xC2\xA0x"), "\xC2\xA0x");  // No-break space is not ASCII.
}

TEST(Text, FormatsBytesAsLowerCaseHex) { EXPECT_EQ(ToHex("\x00\x0F\xA0\xFF"sv), "000fa0ff"); }

TEST(Text, PercentEncodesAllButUnreservedCharacters) {
  EXPECT_EQ(PercentEncode("AZaz09-._~"), "AZaz09-._~");
  EXPECT_EQ(PercentEncode("a b/c?d%\xC3\xA9\x00"sv), "a%20b%2Fc%3Fd%25%C3%A9%00");
}

TEST(Text, PercentDecodesOnlyValidEscapes) {
  EXPECT_EQ(PercentDecode("a%20b%2fc%2F%C3%A9%00"), "a b/c/\xC3\xA9\0"sv);
  EXPECT_EQ(PercentDecode("%"), "%");
  EXPECT_EQ(PercentDecode("%4"), "%4");
  EXPECT_EQ(PercentDecode("%4g%-1%+1%zz%%41"), "%4g%-1%+1%zz%A");
  EXPECT_EQ(PercentDecode("a+b"), "a+b");
}

// The digests come from sha256sum.
TEST(Sha256, MatchesSha256sum) {
  EXPECT_EQ(Sha256Hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(Sha256Hex("not json"),
            "7ccfa1fbf3940e6f0c0375d87c0f9235a50514e14cb427bdfaf5077987b26ccf");
}

TEST(Utf8, MeasuresValidCharacters) {
  EXPECT_EQ(Utf8Length("a\xFF"), 1U);
  EXPECT_EQ(Utf8Length("\0"sv), 1U);
  EXPECT_EQ(Utf8Length("\xC2\x80"), 2U);
  EXPECT_EQ(Utf8Length("\xDF\xBF"), 2U);
  EXPECT_EQ(Utf8Length("\xE0\xA0\x80"), 3U);
  EXPECT_EQ(Utf8Length("\xED\x9F\xBF"), 3U);
  EXPECT_EQ(Utf8Length("\xEF\xBF\xBF"), 3U);
  EXPECT_EQ(Utf8Length("\xF0\x90\x80\x80"), 4U);
  EXPECT_EQ(Utf8Length("\xF4\x8F\xBF\xBF"), 4U);
}

TEST(Utf8, RefusesInvalidCharacters) {
  const struct {
    std::string_view why;
    std::string_view text;
  } kCases[] = {
      {"empty text", ""},
      {"a continuation byte alone", "\x80"},
      {"overlong, two bytes", "\xC1\xBF"},
      {"overlong, three bytes", "\xE0\x9F\xBF"},
      {"overlong, four bytes", "\xF0\x8F\xBF\xBF"},
      {"the first half of a surrogate pair", "\xED\xA0\x80"},
      {"the second half of a surrogate pair", "\xED\xBF\xBF"},
      {"beyond U+10FFFF", "\xF4\x90\x80\x80"},
      {"invalid first byte", "\xF5\x80\x80\x80"},
      {"truncated after one byte", "\xC3"},
      {"truncated after two bytes", "\xE2\x82"},
      {"truncated after three bytes", "\xF0\x9F\x98"},
      {"followed by ASCII",
       "\xE2\x82"
       "a"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.why);
    EXPECT_EQ(Utf8Length(c.text), 0U);
  }
}

TEST(Hex, DecodesPairsOfDigitsInEitherCase) {
  EXPECT_EQ(DecodeHex(""), "");
  EXPECT_EQ(DecodeHex("00fFA1"), std::string("\0\xff\xa1", 3));
  for (const std::string_view text : {"0", "0g", "g0", "-1", "+1", " 1", "0x", "00 "}) {
    EXPECT_FALSE(DecodeHex(text)) << text;
  }
}

}  // namespace
}  // namespace common
