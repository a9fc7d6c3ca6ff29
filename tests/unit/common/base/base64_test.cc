#include "common/base/base64.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace common {
namespace {

using testing::Eq;
using testing::Optional;

// RFC 4648, section 10.
constexpr std::pair<std::string_view, std::string_view> kVectors[] = {
    {"", ""},
    {"f", "Zg=="},
    {"fo", "Zm8="},
    {"foo", "Zm9v"},
    {"foob", "Zm9vYg=="},
    {"fooba", "Zm9vYmE="},
    {"foobar", "Zm9vYmFy"},
};

TEST(Base64, EncodesAndDecodesTheVectorsOfTheRfc) {
  for (const auto& [bytes, text] : kVectors) {
    EXPECT_EQ(EncodeBase64(bytes), text);
    EXPECT_THAT(DecodeBase64(text), Optional(Eq(bytes))) << text;
  }
}

TEST(Base64, DecodesBothAlphabetsAndTextWithoutPadding) {
  EXPECT_THAT(DecodeBase64("+/+/"), Optional(Eq("\xfb\xff\xbf")));
  EXPECT_THAT(DecodeBase64("-_-_"), Optional(Eq("\xfb\xff\xbf")));
  EXPECT_THAT(DecodeBase64("Zg"), Optional(Eq("f")));
  EXPECT_THAT(DecodeBase64("Zm8"), Optional(Eq("fo")));
}

TEST(Base64, RefusesOtherText) {
  for (const std::string_view text : {"Z", "Zm9vY", "=", "====", "Zg=", "Zg===", "Z===", "Zm 9v",
                                      "Zm9v\n", "Zg==Zg==", "Zm9\xc3"}) {
    EXPECT_FALSE(DecodeBase64(text)) << text;
  }
}

}  // namespace
}  // namespace common
