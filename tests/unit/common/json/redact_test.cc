#include "common/json/redact.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace common::json {
namespace {

using testing::ElementsAre;

std::optional<std::string> Redacted(std::string_view json,
                                    const std::vector<std::string_view>& pointers) {
  std::vector<Pointer> parsed;
  for (const std::string_view pointer : pointers) parsed.push_back(*ParseJsonPointer(pointer));
  return Redact(json, parsed);
}

TEST(Redact, RemovesMembersAndKeepsOtherBytes) {
  const struct {
    std::string_view what;
    std::string_view json;
    std::vector<std::string_view> pointers;
    std::string_view expected;
  } kCases[] = {
      {"nothing", R"({ "a" : 1 })", {}, R"({ "a" : 1 })"},
      {"the only member", R"({"a":1})", {"/a"}, "{}"},
      {"the first", R"({"a":1,"b":2,"c":3})", {"/a"}, R"({"b":2,"c":3})"},
      {"one in the middle", R"({"a":1,"b":2,"c":3})", {"/b"}, R"({"a":1,"c":3})"},
      {"the last", R"({"a":1,"b":2,"c":3})", {"/c"}, R"({"a":1,"b":2})"},
      {"the first two", R"({"a":1,"b":2,"c":3})", {"/a", "/b"}, R"({"c":3})"},
      {"the last two", R"({"a":1,"b":2,"c":3})", {"/b", "/c"}, R"({"a":1})"},
      {"all", R"({"a":1,"b":2})", {"/b", "/a"}, "{}"},
      {"all but one in the middle", R"({"a":1,"b":2,"c":3})", {"/a", "/c"}, R"({"b":2})"},
      {"a nested one", R"({"a":{"b":1,"c":2},"d":3})", {"/a/b"}, R"({"a":{"c":2},"d":3})"},
      {"the same name elsewhere", R"({"b":0,"a":{"b":1}})", {"/a/b"}, R"({"b":0,"a":{}})"},
      {"an object", R"({"a":{"b":[1,{"c":2}]},"d":3})", {"/a"}, R"({"d":3})"},
      {"an array", R"({"a":[1,[2]],"d":3})", {"/a"}, R"({"d":3})"},
      {"one that is inside another", R"({"a":{"b":1},"c":2})", {"/a", "/a/b"}, R"({"c":2})"},
      {"two of one object", R"({"a":{"b":1,"c":2,"d":3}})", {"/a/b", "/a/d"}, R"({"a":{"c":2}})"},
      {"a name that occurs twice", R"({"a":1,"b":2,"a":3})", {"/a"}, R"({"b":2})"},
      {"an element", R"({"a":[1,2,3]})", {"/a/1"}, R"({"a":[1,3]})"},
      {"elements by their original index", R"([1,2,3,4])", {"/0", "/2"}, "[2,4]"},
      {"a member of an element", R"([{"x":1,"y":2},{"x":3}])", {"/0/x", "/1/x"}, R"([{"y":2},{}])"},
      {"an escaped name", R"({"a/b":1,"m~n":2,"":3,"x":4})", {"/a~1b", "/m~0n", "/"}, R"({"x":4})"},
      {"a name written with an escape", R"({"\u0061":1,"b":2})", {"/a"}, R"({"b":2})"},
      {"white space around it",
       "{ \"a\" : 1 ,\n \"b\" : 2 ,\n \"c\" : 3 }",
       {"/b"},
       "{ \"a\" : 1 ,\n \"c\" : 3 }"},
      {"white space in front of the next",
       "{ \"a\" : 1 ,\n \"b\" : 2 }",
       {"/a"},
       "{\n \"b\" : 2 }"},
      {"a comma inside what is removed", R"({"a":"x,y","b":2})", {"/a"}, R"({"b":2})"},
      {"a path without a target",
       R"({"a":1,"c":[1]})",
       {"/b", "/a/b", "/c/1", "/c/x", "/c/-"},
       R"({"a":1,"c":[1]})"},
      {"an index with a leading zero", "[1,2]", {"/00", "/01"}, "[1,2]"},
      {"an index of an object", R"({"0":1,"1":2})", {"/1"}, R"({"0":1})"},
      {"everything", R"({"a":1})", {""}, "null"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.what);
    EXPECT_EQ(Redacted(c.json, c.pointers), c.expected);
  }
}

TEST(Redact, KeepsNumbersAndStringsAsWritten) {
  const std::string json = R"({"n":1.10000000000000000000000001,"e":1E+400,"m":-0.0,"big":)" +
                           std::string(400, '9') +
                           R"(,"s":"\u00e9\/\ud83d\ud83d\ude00","last":1.0})";
  EXPECT_EQ(Redacted(R"({"gone":12.5,)" + json.substr(1), {"/gone"}), json);
}

TEST(Redact, DropsByteOrderMarkAndSurroundingWhiteSpace) {
  EXPECT_EQ(Redacted("\xEF\xBB\xBF \r\n{\"a\":1}\n ", {}), "{\"a\":1}");
  EXPECT_EQ(Redacted(" 12.50 ", {"/a"}), "12.50");
  EXPECT_EQ(Redacted("[ ]", {"/0"}), "[ ]");
}

TEST(Redact, RefusesInvalidJson) {
  for (const std::string_view json :
       {"", "{", R"({"a":1)", R"({"a":1}x)", R"({"a":01})", "{\"a\":\"\xFF\"}"}) {
    SCOPED_TRACE(json);
    EXPECT_EQ(Redacted(json, {"/a"}), std::nullopt);
  }
}

TEST(Redact, AcceptsDeepNesting) {
  constexpr std::size_t kDepth = 100'000;
  const std::string deep = std::string(kDepth, '[') + std::string(kDepth, ']');
  EXPECT_EQ(Redacted(R"({"a":)" + deep + R"(,"b":)" + deep + "}", {"/a"}), R"({"b":)" + deep + "}");
}

}  // namespace
}  // namespace common::json
