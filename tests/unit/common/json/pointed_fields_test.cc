#include "common/json/pointed_fields.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace common::json {
namespace {

using Read = bool (*)(std::string_view, std::span<PointedField>);

/// "text a", "number 7", "null", "other [a b]" or "-"; "refused" if the reader refuses the text.
std::string Describe(Read read, std::string_view json, std::string_view pointer_text) {
  const JsonPointer pointer = *ParseJsonPointer(pointer_text);
  std::vector<PointedField> fields(1);
  fields[0].pointer = &pointer;
  if (!read(json, fields)) return "refused";
  switch (fields[0].kind) {
    case Field::Kind::kAbsent:
      return "-";
    case Field::Kind::kText:
      return "text " + fields[0].value;
    case Field::Kind::kNumber:
      return "number " + fields[0].value;
    case Field::Kind::kNull:
      return "null";
    case Field::Kind::kOther:
      break;
  }
  std::string text = "other [";
  for (const std::string& element : fields[0].texts) text += element + " ";
  return text + "]";
}

TEST(PointedFields, FollowTheirPointers) {
  const struct {
    std::string_view json;
    std::string_view pointer;
    std::string_view expected;
  } kCases[] = {
      {R"({"a":"x"})", "/a", "text x"},
      {R"({"a":{"b":{"c":"x"}}})", "/a/b/c", "text x"},
      {R"({"a":{"b":"x"},"b":"y"})", "/b", "text y"},
      {R"({"b":"y","a":{"b":"x"}})", "/b", "text y"},
      {R"({"a":{"b":"x"}})", "/b", "-"},
      {R"({"a":"x"})", "/a/b", "-"},
      {R"({"a":{}})", "/a/b", "-"},
      {R"({"a":{"b":{"a":{"b":"x"}}}})", "/a/b", "other []"},
      {R"({"x":{"a":{"b":"no"}},"a":{"x":{"b":"no"},"b":"yes"}})", "/a/b", "text yes"},
      {R"({"a":[{"b":"x"},{"b":"y"}]})", "/a/1/b", "text y"},
      {R"({"a":["x",["y","z"]]})", "/a/1/0", "text y"},
      {R"({"a":["x"]})", "/a/1", "-"},
      {R"({"a":["x"]})", "/a/-", "-"},
      {R"({"a":["x","y"]})", "/a/01", "-"},
      {R"({"a":{"0":"x"}})", "/a/0", "text x"},
      {R"({"a/b":{"m~n":"x"}})", "/a~1b/m~0n", "text x"},
      {R"({"":"x"})", "/", "text x"},
      {R"({"a":null})", "/a", "null"},
      {R"({"a":true})", "/a", "other []"},
      {R"({"a":["x",1,["y"],{"b":"z"},"w"]})", "/a", "other [x w ]"},
      {R"({"a":12.50})", "/a", "number 12.50"},
      {R"({"a":1e999999})", "/a", "number 1e999999"},
      {R"({"a":"é\u00e9"})", "/a", "text éé"},
      {"\xEF\xBB\xBF{\"a\":\"x\"}", "/a", "text x"},
      {R"({"a":"x"})", "", "-"},
      // The last occurrence of a name wins, on every step.
      {R"({"a":"x","a":"y"})", "/a", "text y"},
      {R"({"a":{"b":"x"},"a":{"b":"y"}})", "/a/b", "text y"},
      {R"({"a":{"b":"x"},"a":{"c":"y"}})", "/a/b", "-"},
      {R"({"a":{"b":"x"},"a":"y"})", "/a/b", "-"},
      {R"({"a":["x"],"a":[]})", "/a", "other []"},
      {R"({"a":["x"],"a":["y"]})", "/a", "other [y ]"},
      {R"({"a":{"b":"x","b":{}}})", "/a/b", "other []"},
      {R"({"a":{"b":"x"},"c":{"b":"y"}})", "/a/b", "text x"},
      // No objects.
      {R"(["a"])", "/0", "refused"},
      {R"("a")", "/a", "refused"},
      {R"({"a":"x"}{})", "/a", "refused"},
      {R"({"a":"x")", "/a", "refused"},
      {"{\"a\":\"\xff\"}", "/a", "refused"},
      {"", "/a", "refused"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(std::string(c.json) + " at " + std::string(c.pointer));
    EXPECT_EQ(Describe(ReadPointedFields, c.json, c.pointer), c.expected);
    EXPECT_EQ(Describe(ReadPointedFieldsSlowly, c.json, c.pointer), c.expected);
    const std::string fast = Describe(ReadSimdPointedFields, c.json, c.pointer);
    if (fast != "refused") {
      EXPECT_EQ(fast, c.expected) << "read with simdjson";
    }
  }
}

TEST(PointedFields, AreReadFastUnlessOneIsANumber) {
  EXPECT_EQ(Describe(ReadSimdPointedFields, R"({"a":{"b":"x"},"n":1})", "/a/b"), "text x");
  EXPECT_EQ(Describe(ReadSimdPointedFields, R"({"a":{"b":"x"},"n":1})", "/n"), "refused");
}

TEST(PointedFields, AreReadTogether) {
  const JsonPointer a = {"a"};
  const JsonPointer ab = {"a", "b"};
  const JsonPointer ac = {"a", "c"};
  const JsonPointer none;
  std::vector<PointedField> fields = {{&ab}, {&none}, {&a}, {&ac}, {&ab}};
  ASSERT_TRUE(ReadPointedFieldsSlowly(R"({"a":{"b":"1","c":2}})", fields));
  EXPECT_EQ(fields[0].value, "1");
  EXPECT_EQ(fields[1].kind, Field::Kind::kAbsent);
  EXPECT_EQ(fields[2].kind, Field::Kind::kOther);
  EXPECT_EQ(fields[3].value, "2");
  EXPECT_EQ(fields[4], fields[0]);
}

TEST(PointedFields, SurviveDeepNesting) {
  const std::string deep =
      R"({"a":)" + std::string(100'000, '[') + std::string(100'000, ']') + R"(,"b":"x"})";
  EXPECT_EQ(Describe(ReadPointedFields, deep, "/b"), "text x");
}

}  // namespace
}  // namespace common::json
