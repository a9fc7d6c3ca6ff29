#include "ingest/acceptance/request_ids.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <string_view>

namespace ingest {
namespace {

TEST(RequestIds, Have32LowerCaseHexDigits) {
  RequestIds ids(0x0123456789abcdef, 7);
  const RequestId next = ids.Next();
  const std::string_view id = next.text();
  EXPECT_EQ(id.size(), 32U);
  EXPECT_EQ(id.find_first_not_of("0123456789abcdef"), std::string::npos) << id;
  EXPECT_EQ(id.substr(0, 16), "0123456789abcdef");
}

TEST(RequestIds, AreEmptyByDefault) { EXPECT_EQ(RequestId().text(), ""); }

TEST(RequestIds, AreUnique) {
  RequestIds ids(1, ~std::uint64_t{0} - 500);  // The counter wraps meanwhile.
  std::set<std::string> seen;
  for (int i = 0; i < 10'000; ++i) seen.insert(std::string(ids.Next().text()));
  EXPECT_EQ(seen.size(), 10'000U);
}

TEST(RequestIds, DifferBetweenInstances) {
  RequestIds one(1, 7);
  RequestIds other(2, 7);
  EXPECT_NE(one.Next(), other.Next());
}

}  // namespace
}  // namespace ingest
