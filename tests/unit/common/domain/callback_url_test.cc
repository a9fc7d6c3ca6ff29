#include "common/domain/callback_url.h"

#include <gtest/gtest.h>

namespace common {
namespace {

TEST(CallbackUrl, AddsTheDefaultPrefixToAnAddressWithoutAPath) {
  EXPECT_EQ(CallbackUrl("http://127.0.0.1:8080", "eid"), "http://127.0.0.1:8080/callbacks/eid");
  EXPECT_EQ(CallbackUrl("http://127.0.0.1:8080/", "eid"), "http://127.0.0.1:8080/callbacks/eid");
  EXPECT_EQ(CallbackUrl("http://[::1]:8080//", "eid"), "http://[::1]:8080/callbacks/eid");
  EXPECT_EQ(CallbackUrl("h:80", "eid"), "h:80/callbacks/eid");
}

TEST(CallbackUrl, KeepsAGivenPath) {
  EXPECT_EQ(CallbackUrl("http://h/callbacks", "eid"), "http://h/callbacks/eid");
  EXPECT_EQ(CallbackUrl("https://h/a/b//", "eid"), "https://h/a/b/eid");
  EXPECT_EQ(CallbackUrl("h/a", "eid"), "h/a/eid");
}

TEST(CallbackUrl, EscapesTheProviderIntoOneSegment) {
  EXPECT_EQ(CallbackUrl("http://h", "a b/c?d"), "http://h/callbacks/a%20b%2Fc%3Fd");
  EXPECT_EQ(CallbackUrl("http://h", ""), "http://h/callbacks/");
}

}  // namespace
}  // namespace common
