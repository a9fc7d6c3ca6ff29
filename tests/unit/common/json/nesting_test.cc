#include "common/json/nesting.h"

#include <gtest/gtest.h>

#include <string>

#include "common/json/api_answer.h"
#include "common/json/callback_body.h"
#include "common/json/redact.h"

namespace common::json {
namespace {

std::string Nested(std::size_t depth, const std::string& members = {}) {
  return "{" + members + R"("a":)" + std::string(depth - 1, '[') + std::string(depth - 1, ']') +
         "}";
}

TEST(Nesting, CountsTheOutermostContainer) {
  EXPECT_FALSE(IsNestedDeeper("7", 0));
  EXPECT_TRUE(IsNestedDeeper("{}", 0));
  EXPECT_FALSE(IsNestedDeeper("{}", 1));
  for (const std::size_t depth : {1U, 2U, 63U, 512U, 100'000U}) {
    EXPECT_FALSE(IsNestedDeeper(Nested(depth), depth)) << depth;
    EXPECT_TRUE(IsNestedDeeper(Nested(depth), depth - 1)) << depth;
  }
}

TEST(Nesting, IgnoresTheNumberOfContainers) {
  std::string flat = "[";
  for (int i = 0; i < 1000; ++i) flat += "{},";
  EXPECT_FALSE(IsNestedDeeper(flat + "[]]", 2));
  EXPECT_TRUE(IsNestedDeeper(flat + "[[]]]", 2));
}

TEST(Nesting, IgnoresBracketsInStrings) {
  const std::string brackets(600, '[');
  EXPECT_FALSE(IsNestedDeeper(R"({"a":")" + brackets + R"("})", 1));
  EXPECT_FALSE(IsNestedDeeper(R"({"a\"":"\\\")" + brackets + R"("})", 1));
  EXPECT_TRUE(IsNestedDeeper(R"({"a":"\\",)" + Nested(3).substr(1), 2));
}

// One library reads small documents, another reads large ones.
TEST(Nesting, IsIndependentOfTheDocumentsSize) {
  for (const std::size_t padding : {0U, 200'000U}) {
    const std::string text = R"("text":")" + std::string(padding, 'x') + R"(",)";
    for (const std::size_t depth : {2U, 511U, 512U, 513U, 1023U, 1024U, 1025U, 50'000U}) {
      const auto answer = ReadResourceAnswer(Nested(depth, text));
      ASSERT_TRUE(answer) << depth;
      EXPECT_EQ(answer->is_too_deep, depth > kDeepestNesting) << depth;
    }
  }
}

TEST(Nesting, IsUnlimitedForCallbacksAndErrors) {
  for (const std::size_t depth : {512U, 513U, 1024U, 1025U, 50'000U}) {
    EXPECT_TRUE(ReadCallbackBody(Nested(depth, R"("dossierId":"d","processId":"p",)")).IsReadable())
        << depth;
    EXPECT_EQ(ReadTraceId(Nested(depth, R"("traceId":"t",)")), "t") << depth;
    EXPECT_TRUE(Redact(Nested(depth), {{"b"}})) << depth;
  }
}

}  // namespace
}  // namespace common::json
