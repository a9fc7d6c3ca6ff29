#include "ingest/acceptance/request_ids.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

namespace ingest {
namespace {

TEST(RequestIds, Have32LowerCaseHexDigits) {
  RequestIds ids(0x0123456789abcdef, 7);
  const std::string id = ids.Next();
  EXPECT_EQ(id.size(), 32U);
  EXPECT_EQ(id.find_first_not_of("0123456789abcdef"), std::string::npos) << id;
  EXPECT_EQ(id.substr(0, 16), "0123456789abcdef");
}

TEST(RequestIds, AreAllDifferent) {
  RequestIds ids(1, ~std::uint64_t{0} - 500);  // The counter wraps on the way.
  std::set<std::string> seen;
  for (int i = 0; i < 10'000; ++i) seen.insert(ids.Next());
  EXPECT_EQ(seen.size(), 10'000U);
}

TEST(RequestIds, OfTwoInstancesDiffer) {
  RequestIds one(1, 7);
  RequestIds other(2, 7);
  EXPECT_NE(one.Next(), other.Next());
}

}  // namespace
}  // namespace ingest
