#include "common/json/callback_body.h"

#include <gtest/gtest.h>

#include <ostream>

namespace common::json {
namespace {

using namespace std::string_literals;

/// "dossier / process / status" as one line, "-" for absent fields.
std::string Describe(const CallbackBody& body) {
  return (body.dossier ? body.dossier->str() : "-") + " / " +
         (body.process ? body.process->str() : "-") + " / " + body.status.value_or("-");
}

std::string Read(std::string_view body) { return Describe(ReadCallbackBody(body)); }

constexpr std::string_view kNothing = "- / - / -";

TEST(CallbackBody, IsReadFromALegacyCallback) {
  EXPECT_EQ(Read(R"({"dossierId":"a3f1c0d2-0b64-4b8e-8d51-6d0f1f3e9a10",)"
                 R"("processId":"7d0f2c1e-5b6a-4f39-9c55-1f0e8a2b7c44","status":"accepted"})"),
            "a3f1c0d2-0b64-4b8e-8d51-6d0f1f3e9a10 / 7d0f2c1e-5b6a-4f39-9c55-1f0e8a2b7c44 / "
            "accepted");
}

TEST(CallbackBody, NormalisesIdsButKeepsTheStatus) {
  EXPECT_EQ(Read(R"({"dossierId":" A3F1C0D2-0B64-4B8E-8D51-6D0F1F3E9A10\n",)"
                 R"("processId":"\tNo-Uuid ","status":" Accepted "})"),
            "a3f1c0d2-0b64-4b8e-8d51-6d0f1f3e9a10 / No-Uuid /  Accepted ");
}

TEST(CallbackBody, IsReadableWithBothIdsAndAnyStatus) {
  const struct {
    std::string_view body;
    std::string_view expected;
    bool is_readable;
  } kCases[] = {
      {R"({"dossierId":"d","processId":"p"})", "d / p / -", true},
      {R"({"dossierId":"d","processId":"p","status":""})", "d / p / ", true},
      {R"({"dossierId":"d","processId":"p","status":null})", "d / p / -", true},
      {R"({"dossierId":"d","processId":"p","status":{"status":"x"}})", "d / p / -", true},
      {R"({"dossierId":"d","processId":"p","status":["x"]})", "d / p / -", true},
      {R"({"dossierId":"d","processId":"p","status":7})", "d / p / -", true},
      // The key needs only the process.
      {R"({"processId":"p"})", "- / p / -", false},
      {R"({"dossierId":"","processId":"p"})", "- / p / -", false},
      {R"({"dossierId":1,"processId":"p"})", "- / p / -", false},
      {R"({"dossierId":"d"})", "d / - / -", false},
      {R"({"dossierId":"d","processId":null})", "d / - / -", false},
      {R"({"dossierId":"d","processId":" \t"})", "d / - / -", false},
      {R"({"dossierId":"d","processId":{"processId":"p"}})", "d / - / -", false},
      {R"({"dossierid":"d","ProcessId":"p"})", "- / - / -", false},
      {"{}", "- / - / -", false},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.body);
    EXPECT_EQ(Read(c.body), c.expected);
    EXPECT_EQ(ReadCallbackBody(c.body).IsReadable(), c.is_readable);
  }
}

TEST(CallbackBody, UsesTheLastOccurrenceOfAField) {
  EXPECT_EQ(Read(R"({"processId":"1","dossierId":"d","processId":"2"})"), "d / 2 / -");
  EXPECT_EQ(Read(R"({"processId":"1","dossierId":"d","processId":2})"), "d / - / -");
  EXPECT_EQ(Read(R"({"processId":1,"dossierId":"d","processId":"2"})"), "d / 2 / -");
  EXPECT_EQ(Read(R"({"processId":"1","dossierId":"d","processId":[]})"), "d / - / -");
  EXPECT_EQ(Read(R"({"dossierId":"d","processId":"p","status":"a","status":false})"), "d / p / -");
  EXPECT_EQ(Read(R"({"processId":"1","proc\u0065ssId":"2"})"), "- / 2 / -");
}

TEST(CallbackBody, ReadsOnlyOutermostFields) {
  EXPECT_EQ(Read(R"({"a":{"dossierId":"x","processId":"y"},"b":[{"processId":"z"}],)"
                 R"("dossierId":"d","processId":"p","c":{"d":{"status":"q"}}})"),
            "d / p / -");
}

TEST(CallbackBody, IgnoresOtherFieldsOfAnyKind) {
  EXPECT_EQ(Read(R"({ "n":null, "t":true, "f":false, "i":-0.5e+10, "s":"\"\\\/\b\f\n\r\t\u00e9",
                      "a":[1,[2,{"x":[]}]], "dossierId" : "d" , "processId":"p" } )"),
            "d / p / -");
}

TEST(CallbackBody, AcceptsNumbersOfAnySize) {
  for (const std::string& number :
       {"1e999"s, "-1E+99999999999999999999"s, "1e-999999"s, std::string(400, '9'),
        "-" + std::string(400, '9') + "." + std::string(400, '1'), "0.1e1"s, "-0"s}) {
    SCOPED_TRACE(number);
    EXPECT_EQ(Read(R"({"n":)" + number + R"(,"dossierId":"d","processId":"p","a":[)" + number +
                   "," + number + "]}"),
              "d / p / -");
  }
}

TEST(CallbackBody, AcceptsDeepNesting) {
  constexpr std::size_t kDepth = 300'000;
  const std::string arrays = std::string(kDepth, '[') + std::string(kDepth, ']');
  EXPECT_EQ(Read(R"({"x":)" + arrays + R"(,"dossierId":"d","processId":"p"})"), "d / p / -");
  std::string objects = "1";
  for (int i = 0; i < 1000; ++i) objects = R"({"processId":)" + objects + "}";
  EXPECT_EQ(Read(R"({"x":)" + objects + R"(,"dossierId":"d","processId":"p"})"), "d / p / -");
}

TEST(CallbackBody, SkipsALeadingByteOrderMark) {
  EXPECT_EQ(Read("\xEF\xBB\xBF{\"dossierId\":\"d\",\"processId\":\"p\"}"), "d / p / -");
  EXPECT_EQ(Read("\xEF\xBB\xBF\xEF\xBB\xBF{\"processId\":\"p\"}"), kNothing);
}

TEST(CallbackBody, DecodesEveryEscape) {
  EXPECT_EQ(Read(R"({"dossierId":"\u0064\ud83d\ude00","processId":"a\u0000b"})"),
            "d\xF0\x9F\x98\x80 / a\0b / -"s);
}

TEST(CallbackBody, DecodesAnUnpairedSurrogateAsTheReplacementCharacter) {
  for (const std::string_view half :
       {R"(\ud83d)", R"(\uDE00)", R"(\udbff)", R"(\uD800)", R"(\udfff)"}) {
    SCOPED_TRACE(half);
    const std::string body = R"({"dossierId":"x)" + std::string(half) + R"(y","processId":"p"})";
    EXPECT_EQ(Read(body), "x\xEF\xBF\xBDy / p / -");
  }
  EXPECT_EQ(Read(R"({"processId":"\ud83d\ud83d\ude00\\ud83d\ude00"})"),
            "- / \xEF\xBF\xBD\xF0\x9F\x98\x80\\ud83d\xEF\xBF\xBD / -");
}

TEST(CallbackBody, IsEmptyUnlessItIsOneJsonObjectInUtf8) {
  const struct {
    std::string_view what;
    std::string body;
  } kCases[] = {
      {"nothing", ""},
      {"white space", " \r\n"},
      {"text", "not json"},
      {"null", "null"},
      {"a string", R"("processId")"},
      {"a number", "7"},
      {"an array", R"([{"processId":"p"}])"},
      {"truncated", R"({"processId":"p","dossierId":"d")"},
      {"truncated in a string", R"({"processId":"p)"},
      {"two objects", R"({"processId":"p"}{"processId":"p"})"},
      {"trailing garbage", R"({"processId":"p"}x)"},
      {"a trailing NUL", "{\"processId\":\"p\"}\0"s},
      {"a NUL and more", "{\"processId\":\"p\"}\0garbage"s},
      {"a NUL in front", "\0{\"processId\":\"p\"}"s},
      {"a trailing comma", R"({"processId":"p",})"},
      {"a comment", R"({"processId":"p"/**/})"},
      {"single quotes", "{'processId':'p'}"},
      {"no quotes", R"({processId:"p"})"},
      {"a raw newline in a string", "{\"processId\":\"p\n\"}"},
      {"an unknown escape", R"({"processId":"\x70"})"},
      {"half an escape", R"({"processId":"p","x":"\u12"})"},
      {"a form field", "processId=p&dossierId=d"},
      {"a number with a leading zero", R"({"processId":"p","n":01})"},
      {"a number with two points", R"({"processId":"p","n":1.2.3})"},
      {"a number without digits", R"({"processId":"p","n":-})"},
      {"a number that ends in a point", R"({"processId":"p","n":1.})"},
      {"a number that begins with a point", R"({"processId":"p","n":.1})"},
      {"a number with an empty exponent", R"({"processId":"p","n":1e})"},
      {"a number with two exponents", R"({"processId":"p","n":1e2e3})"},
      {"a number with two signs", R"({"processId":"p","n":--1})"},
      {"a difference", R"({"processId":"p","n":1-2})"},
      {"a plus sign", R"({"processId":"p","n":+1})"},
      {"two numbers", R"({"processId":"p","n":1 2})"},
      {"NaN", R"({"processId":"p","n":NaN})"},
      {"a digit for a key", R"({"processId":"p",1:2})"},
      {"Latin-1", "{\"processId\":\"p\",\"x\":\"\xE9\"}"},
      {"an overlong slash", "{\"processId\":\"p\",\"x\":\"\xC0\xAF\"}"},
      {"a surrogate in UTF-8", "{\"processId\":\"p\",\"x\":\"\xED\xA0\x80\"}"},
      {"invalid UTF-8 in a key", "{\"processId\":\"p\",\"\xFF\":1}"},
      {"UTF-16", "\xFF\xFE{\0\"\0p\0\""s},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.what);
    EXPECT_EQ(Read(c.body), kNothing);
  }
}

}  // namespace
}  // namespace common::json
