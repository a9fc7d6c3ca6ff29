#include "common/domain/omitted_body.h"

#include <gtest/gtest.h>

namespace common {
namespace {

TEST(OmittedBody, IsReplacedByItsSizeAndHash) {
  std::string body = "abc";
  RecordHeaders headers{{"provider", "eid"}};
  ASSERT_TRUE(OmitBody(body, headers));
  EXPECT_EQ(body, "");
  EXPECT_EQ(headers,
            (RecordHeaders{{"provider", "eid"},
                           {"dead.body", "omitted"},
                           {"dead.body-bytes", "3"},
                           {"dead.body-sha256",
                            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"}}));
  EXPECT_TRUE(IsBodyOmitted(headers));
  EXPECT_FALSE(OmitBody(body, headers)) << "the body is omitted already";
}

TEST(OmittedBody, DiffersFromAnEmptyBody) {
  EXPECT_FALSE(IsBodyOmitted({{"dead.reason", "malformed"}}));
}

}  // namespace
}  // namespace common
