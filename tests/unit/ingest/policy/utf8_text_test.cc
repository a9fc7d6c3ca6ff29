#include "ingest/policy/utf8_text.h"

#include <gtest/gtest.h>

#include <string>

namespace ingest {
namespace {

TEST(Utf8Text, KeepsValidUtf8) {
  for (const char* text : {"", "onfido", "application/json; charset=utf-8", "%20%", "\xC3\xA6",
                           "\xE2\x82\xAC", "\xF0\x9F\x98\x80"}) {
    EXPECT_EQ(Utf8Text(text), text);
  }
}

TEST(Utf8Text, EscapesBytesOutsideOfValidUtf8) {
  EXPECT_EQ(Utf8Text("caf\xE9"), "caf%E9") << "Latin-1";
  EXPECT_EQ(Utf8Text("\xFF\xC3\xA6\x80"), "%FF\xC3\xA6%80");
  EXPECT_EQ(Utf8Text("\xC0\xAF"), "%C0%AF") << "overlong";
  EXPECT_EQ(Utf8Text("\xED\xA0\x80"), "%ED%A0%80") << "half a surrogate pair";
  EXPECT_EQ(Utf8Text("\xF0\x9F\x98"), "%F0%9F%98") << "cut";
}

TEST(Utf8Text, IsCutAtTheLimit) {
  EXPECT_EQ(Utf8Text(std::string(200, 'x'), 128), std::string(128, 'x'));
  EXPECT_EQ(Utf8Text("abc", 0), "");
  EXPECT_EQ(Utf8Text("onfido", 6), "onfido");
}

TEST(Utf8Text, IsCutBeforeACharacterOrEscapeThatDoesNotFit) {
  EXPECT_EQ(Utf8Text("ab\xC3\xA6z", 3), "ab") << "2 bytes, 1 fits";
  EXPECT_EQ(Utf8Text("ab\xC3\xA6z", 4), "ab\xC3\xA6") << "2 bytes, both fit";
  EXPECT_EQ(Utf8Text("a\xE2\x82\xACz", 3), "a") << "3 bytes, 2 fit";
  EXPECT_EQ(Utf8Text("a\xF0\x9F\x98\x80z", 5), "a\xF0\x9F\x98\x80") << "4 bytes, all fit";
  EXPECT_EQ(Utf8Text("ab\xE9", 4), "ab") << "the escape has 3 bytes";
  EXPECT_EQ(Utf8Text("ab\xE9", 5), "ab%E9");
}

}  // namespace
}  // namespace ingest
