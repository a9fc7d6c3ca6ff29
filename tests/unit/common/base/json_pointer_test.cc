#include "common/base/json_pointer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace common {
namespace {

using testing::ElementsAre;

// The examples of RFC 6901 section 5, and invalid pointers.
TEST(JsonPointer, ParsesTheExamplesOfTheRfcAndRefusesInvalidText) {
  EXPECT_THAT(*ParseJsonPointer(""), ElementsAre());
  EXPECT_THAT(*ParseJsonPointer("/foo"), ElementsAre("foo"));
  EXPECT_THAT(*ParseJsonPointer("/foo/0"), ElementsAre("foo", "0"));
  EXPECT_THAT(*ParseJsonPointer("/"), ElementsAre(""));
  EXPECT_THAT(*ParseJsonPointer("//"), ElementsAre("", ""));
  EXPECT_THAT(*ParseJsonPointer("/a~1b"), ElementsAre("a/b"));
  EXPECT_THAT(*ParseJsonPointer("/m~0n"), ElementsAre("m~n"));
  EXPECT_THAT(*ParseJsonPointer("/~01"), ElementsAre("~1"));
  for (const std::string_view text : {"foo", "foo/bar", "/a~", "/a~2", "/~/b", "#/a"}) {
    SCOPED_TRACE(text);
    EXPECT_FALSE(ParseJsonPointer(text));
  }
}

}  // namespace
}  // namespace common
