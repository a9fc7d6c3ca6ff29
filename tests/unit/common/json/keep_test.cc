#include "common/json/keep.h"

#include <gtest/gtest.h>

#include <chrono>

namespace common::json {
namespace {

std::optional<std::string> Kept(std::string_view json,
                                const std::vector<std::string_view>& pointers) {
  std::vector<Pointer> parsed;
  for (const std::string_view pointer : pointers) parsed.push_back(*ParseJsonPointer(pointer));
  return KeepList(parsed).Keep(json);
}

TEST(Keep, KeepsNamedValuesAndTheirContainers) {
  const struct {
    std::string_view what;
    std::string_view json;
    std::vector<std::string_view> pointers;
    std::string_view expected;
  } kCases[] = {
      {"nothing", R"({"a":1,"b":{"c":2}})", {}, "{}"},
      {"everything", R"({ "a" : 1 })", {""}, R"({ "a" : 1 })"},
      {"a member", R"({"a":1,"b":2,"c":3})", {"/b"}, R"({"b":2})"},
      {"two members, in the document's order",
       R"({"a":1,"b":2,"c":3})",
       {"/c", "/a"},
       R"({"a":1,"c":3})"},
      {"a whole container",
       R"({"a":{"b":[1,{"c":2}]},"d":3})",
       {"/a"},
       R"({"a":{"b":[1,{"c":2}]}})"},
      {"a nested member", R"({"a":{"b":1,"c":2},"d":3})", {"/a/c"}, R"({"a":{"c":2}})"},
      {"the same name elsewhere", R"({"b":0,"a":{"b":1}})", {"/a/b"}, R"({"a":{"b":1}})"},
      {"one that is inside another",
       R"({"a":{"b":1,"x":2}})",
       {"/a", "/a/b"},
       R"({"a":{"b":1,"x":2}})"},
      {"what the provider adds tomorrow",
       R"({"a":{"b":1,"new":{"b":2}},"new":[{"b":3}]})",
       {"/a/b"},
       R"({"a":{"b":1}})"},
      {"no container in which nothing is kept",
       R"({"a":{"c":1},"d":{"b":2}})",
       {"/a/b", "/d/b"},
       R"({"d":{"b":2}})"},
      {"an empty container that is named",
       R"({"a":{},"b":[]})",
       {"/a", "/b"},
       R"({"a":{},"b":[]})"},
      {"an empty container on the way", R"({"a":{},"b":[]})", {"/a/x", "/b/*"}, "{}"},
      {"no value of another kind on the way",
       R"({"a":"Ingrid","b":[1],"c":null,"d":7})",
       {"/a/name", "/b/name", "/c/0", "/d/*"},
       "{}"},
      {"an element", R"({"a":[1,2,3]})", {"/a/1"}, R"({"a":[2]})"},
      {"every element", R"({"a":[1,[2],{"b":3}],"c":4})", {"/a/*"}, R"({"a":[1,[2],{"b":3}]})"},
      {"a member of every element",
       R"({"a":[{"n":1,"x":2},{"x":3},5,{"n":{"y":4}}]})",
       {"/a/*/n"},
       R"({"a":[{"n":1},{"n":{"y":4}}]})"},
      {"elements of elements", R"({"a":[[1,2],[3,4],5]})", {"/a/*/1"}, R"({"a":[[2],[4]]})"},
      {"every element and one of them",
       R"({"a":[{"n":1,"m":2},{"n":3,"m":4}]})",
       {"/a/*/n", "/a/0/m"},
       R"({"a":[{"n":1,"m":2},{"n":3}]})"},
      {"an asterisk as the name of a member",
       R"({"a":{"*":1,"b":2}})",
       {"/a/*"},
       R"({"a":{"*":1}})"},
      {"an index as the name of a member", R"({"a":{"0":1,"00":2}})", {"/a/0"}, R"({"a":{"0":1}})"},
      {"no index with a leading zero, and none past the end",
       "[1,2]",
       {"/00", "/01", "/2", "/-"},
       "{}"},
      {"the root's elements", "[1,[2],3]", {"/1", "/2"}, "[[2],3]"},
      {"an escaped name",
       R"({"a/b":1,"m~n":2,"":3,"x":4})",
       {"/a~1b", "/m~0n", "/"},
       R"({"a/b":1,"m~n":2,"":3})"},
      {"a name written with an escape", R"({"\u0061":1,"b":2})", {"/a"}, R"({"\u0061":1})"},
      {"each occurrence of a name",
       R"({"a":{"b":1,"x":2},"a":{"x":3},"a":{"b":4,"b":5,"y":6},"a":7})",
       {"/a/b"},
       R"({"a":{"b":1},"a":{"b":4,"b":5}})"},
      {"white space inside what is kept",
       "{ \"a\" : { \"b\" : [ 1 , 2 ] ,\n \"c\" : 2 } , \"d\" : 3 }",
       {"/a/b", "/d"},
       "{\"a\" : {\"b\" : [ 1 , 2 ]},\"d\" : 3}"},
      {"brackets and commas in strings", R"({"a]":"},{","b":"[,"})", {"/b"}, R"({"b":"[,"})"},
      {"a scalar document", "12", {"/a"}, "{}"},
      {"a whole scalar document", " 12 ", {""}, "12"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.what);
    EXPECT_EQ(Kept(c.json, c.pointers), c.expected);
  }
}

TEST(Keep, KeepsNumbersAndStringsAsWritten) {
  const std::string kept = R"("n":1.10000000000000000000000001,"e":1E+400,"m":-0.0,"big":)" +
                           std::string(400, '9') + R"(,"s":"\u00e9\/\ud83d\ud83d\ude00")";
  EXPECT_EQ(Kept("{" + kept + R"(,"gone":1.0})", {"/n", "/e", "/m", "/big", "/s"}),
            "{" + kept + "}");
}

TEST(Keep, RefusesInvalidJson) {
  for (const std::string_view json :
       {"", "{", R"({"a":1)", R"({"a":1}x)", R"({"a":01})", "{\"a\":\"\xFF\"}"}) {
    SCOPED_TRACE(json);
    EXPECT_EQ(Kept(json, {"/a"}), std::nullopt);
  }
}

TEST(Keep, AcceptsDeepNesting) {
  constexpr std::size_t kDepth = 100'000;
  const std::string deep = std::string(kDepth, '[') + std::string(kDepth, ']');
  EXPECT_EQ(Kept(R"({"a":)" + deep + R"(,"b":)" + deep + "}", {"/a"}), R"({"a":)" + deep + "}");
}

/// A quadratic reader would take minutes.
TEST(Keep, ReadsManyElementsWithManyPointersInLinearTime) {
  std::vector<Pointer> pointers;
  for (int i = 0; i < 100; ++i) {
    pointers.push_back({"list", "*", "name" + std::to_string(i)});
    pointers.push_back({"list", std::to_string(i * 1000), "also"});
  }
  std::string json = R"({"list":[)";
  std::string expected = json;
  constexpr int kElements = 100'000;
  for (int i = 0; i < kElements; ++i) {
    const std::string comma = i == 0 ? "" : ",";
    json += comma + R"({"x":1,"name7":2})";
    expected += comma + R"({"name7":2})";
  }
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(KeepList(pointers).Keep(json + "]}"), expected + "]}");
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(10));
}

}  // namespace
}  // namespace common::json
