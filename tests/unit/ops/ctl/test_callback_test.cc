#include "ops/ctl/send/test_callback.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/json/callback_body.h"

namespace ctl {
namespace {

using testing::MatchesRegex;

TEST(TestCallback, HasTheBodyThatAssureSends) {
  const TestCallback callback{.dossier = "d\"1", .process = "p", .status = "accepted"};
  EXPECT_EQ(BodyOf(callback), R"({"dossierId":"d\"1","processId":"p","status":"accepted"})");
  EXPECT_TRUE(common::json::ReadCallbackBody(BodyOf(callback)).IsReadable());
}

TEST(TestCallback, HasARandomUuidOfVersion4) {
  constexpr const char* kForm =
      "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}";
  EXPECT_EQ(RandomUuid([] { return std::uint64_t{0}; }), "00000000-0000-4000-8000-000000000000");
  EXPECT_EQ(RandomUuid([] { return ~std::uint64_t{0}; }), "ffffffff-ffff-4fff-bfff-ffffffffffff");
  std::uint64_t next = 0x0123456789abcdef;
  EXPECT_THAT(RandomUuid([&] { return next *= 0x9e3779b97f4a7c15; }), MatchesRegex(kForm));
}

}  // namespace
}  // namespace ctl
