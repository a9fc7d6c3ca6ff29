#include "ops/ctl/serve/query.h"

#include <gtest/gtest.h>

#include <string>

namespace ctl {
namespace {

constexpr std::string_view kNames[] = {"id", "since"};

TEST(Query, BecomesOptions) {
  const auto query = ReadQuery("/api/trace?id=a%20b+c%2B&since=1h#x", kNames);
  ASSERT_TRUE(query);
  EXPECT_EQ(query->Text("--id"), "a b c+");
  EXPECT_EQ(query->Text("--since"), "1h");
  EXPECT_FALSE(ReadQuery("/api/trace", kNames)->Has("--id"));
  EXPECT_TRUE(ReadQuery("/api/trace?&id&", kNames)->Has("--id"));
}

TEST(Query, RefusesUnknownAndRepeatedNames) {
  EXPECT_EQ(ReadQuery("/?config=/etc/passwd", kNames).error().detail,
            "there is no parameter config");
  EXPECT_EQ(ReadQuery("/?id=1&id=2", kNames).error().detail, "the parameter id is given twice");
}

TEST(Query, FindsOneValue) {
  EXPECT_EQ(FindInQuery("/?a=1&token=abc", "token"), "abc");
  EXPECT_EQ(FindInQuery("/?tokens=abc", "token"), "");
  EXPECT_EQ(FindInQuery("/", "token"), "");
}

}  // namespace
}  // namespace ctl
