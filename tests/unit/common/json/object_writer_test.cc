#include "common/json/object_writer.h"

#include <gtest/gtest.h>

#include "common/json/api_answer.h"

namespace common::json {
namespace {

using namespace std::string_view_literals;

TEST(ObjectWriter, WritesMembersInTheirOrder) {
  ObjectWriter writer;
  writer.Text("t", "x").Number("n", -5).Bool("b", true).Raw("r", R"({"a":1.50})");
  writer.TextOrNull("some", "s").TextOrNull("none", std::nullopt);
  writer.RawOrNull("json", "[1]").RawOrNull("null", std::nullopt);
  EXPECT_EQ(
      writer.Finish(),
      R"({"t":"x","n":-5,"b":true,"r":{"a":1.50},"some":"s","none":null,"json":[1],"null":null})");
}

TEST(ObjectWriter, IsEmptyAfterFinish) {
  ObjectWriter writer;
  EXPECT_EQ(writer.Text("a", "b").Finish(), R"({"a":"b"})");
  EXPECT_EQ(writer.Finish(), "{}");
}

TEST(ObjectWriter, EscapesControlCharactersQuotesAndBackslashes) {
  EXPECT_EQ(Quote("\"\\/\n\r\t\b\x00\x1F\x7F\xC3\xA9"sv),
            "\"\\\"\\\\/\\n\\r\\t\\u0008\\u0000\\u001f\x7F\xC3\xA9\"");
  EXPECT_EQ(ObjectWriter().Text("\"", "").Finish(), R"({"\"":""})");
}

TEST(ObjectWriter, ReplacesInvalidUtf8) {
  EXPECT_EQ(Quote("a\xFF\xE2\x82z\xED\xA0\x80"),
            "\"a\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBDz\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"");
}

TEST(ObjectWriter, IsReadableWithEveryByte) {
  std::string every_byte;
  for (int byte = 0; byte < 256; ++byte) every_byte.push_back(static_cast<char>(byte));
  EXPECT_TRUE(ReadResourceAnswer(ObjectWriter().Text(every_byte, every_byte).Finish()));
}

}  // namespace
}  // namespace common::json
