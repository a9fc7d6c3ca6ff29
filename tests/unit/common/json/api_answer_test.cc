#include "common/json/api_answer.h"

#include <gtest/gtest.h>

namespace common::json {
namespace {

using std::chrono::seconds;

TEST(ResourceAnswer, AcceptsAnyJsonObject) {
  EXPECT_EQ(ReadResourceAnswer(R"({"status":"accepted","finalResult":{"status":"x"}})")->status,
            "accepted");
  EXPECT_EQ(ReadResourceAnswer(R"({"status":17})")->status, std::nullopt);
  EXPECT_EQ(ReadResourceAnswer("{}")->status, std::nullopt);
}

TEST(ResourceAnswer, RefusesEverythingElse) {
  for (const std::string_view body :
       {"", "[]", "null", "<html>", R"({"status":"accepted")", R"("accepted")", "{}{}", "{}]"}) {
    SCOPED_TRACE(body);
    EXPECT_FALSE(ReadResourceAnswer(body));
  }
}

std::string IdsOf(std::string_view body) {
  const auto text = [](const NamedId& id) {
    return id.kind == NamedId::Kind::kNamed     ? id.value
           : id.kind == NamedId::Kind::kMissing ? std::string("-")
                                                : std::string("?");
  };
  const auto answer = ReadResourceAnswer(body);
  return answer ? text(answer->ids.process) + " " + text(answer->ids.dossier) : "none";
}

TEST(ResourceAnswer, NormalisesIds) {
  const std::string padding = R"("text":")" + std::string(200'000, 'x') + R"(",)";
  for (const std::string& front : {std::string(), padding, std::string(R"("n":1e999,)")}) {
    SCOPED_TRACE(front.substr(0, 10));
    const auto ids = [&](const std::string& members) { return IdsOf("{" + front + members + "}"); };
    EXPECT_EQ(ids(R"("processId":" P ","dossierId":"7D0F2C1E-5B6A-4F39-9C55-1F0E8A2B7C44")"),
              "P 7d0f2c1e-5b6a-4f39-9c55-1f0e8a2b7c44");
    EXPECT_EQ(ids(R"("status":"accepted")"), "- -");
    EXPECT_EQ(ids(R"("processId":null,"dossierId":17)"), "- ?");
    EXPECT_EQ(ids(R"("processId":["p"],"dossierId":true)"), "? ?");
    EXPECT_EQ(ids(R"("processId":"p","processId":"p")"), "p -");
    EXPECT_EQ(ids(R"("processId":"q","dossierId":"d","processId":"p")"), "? d");
    EXPECT_EQ(ids(R"("processId":"p","processId":null)"), "? -");
    EXPECT_EQ(ids(R"("a":{"processId":"p"})"), "- -");
  }
}

TEST(ErrorSubject, ReadsTheInstanceAndIds) {
  const ErrorSubject subject =
      ReadErrorSubject(R"({"instance":"/assure/dossiers/d","processId":"p","status":404})");
  EXPECT_EQ(subject.instance, "/assure/dossiers/d");
  EXPECT_EQ(subject.ids.process.value, "p");
  EXPECT_EQ(subject.ids.dossier.kind, NamedId::Kind::kMissing);
  EXPECT_EQ(ReadErrorSubject("<html>").instance, "");
  EXPECT_EQ(ReadErrorSubject(R"({"instance":["/a"]})").instance, "");
}

TEST(TraceId, IsReadFromAnErrorBody) {
  EXPECT_EQ(ReadTraceId(R"({"status":400,"title":"t","traceId":"0af7651916cd43dd"})"),
            "0af7651916cd43dd");
}

TEST(TraceId, IsAbsentIfMissingOrInvalid) {
  for (const std::string& body :
       {std::string("{}"), std::string(R"({"traceId":1})"), std::string(R"({"traceId":""})"),
        std::string("<html>"), R"({"traceId":")" + std::string(129, 'x') + R"("})"}) {
    SCOPED_TRACE(body);
    EXPECT_EQ(ReadTraceId(body), std::nullopt);
  }
}

TEST(TokenRefusal, IsRecognisedByCodeOrError) {
  EXPECT_TRUE(RefusesToken(R"({"type":"x","code":"invalid_token","status":400})"));
  EXPECT_TRUE(RefusesToken(R"({"error":"invalid_token","error_description":"expired"})"));
  for (const char* body :
       {"", "{}", "<html>", R"("invalid_token")", R"({"code":"invalid_request"})",
        R"({"code":["invalid_token"]})", R"({"detail":"invalid_token"})"}) {
    EXPECT_FALSE(RefusesToken(body)) << body;
  }
}

TEST(TokenAnswer, ReadsTheTokenAndItsLifetime) {
  const auto token =
      ReadTokenAnswer(R"({"access_token":"abc","token_type":"Bearer","expires_in":600})");
  ASSERT_TRUE(token);
  EXPECT_EQ(token->access_token, "abc");
  EXPECT_EQ(token->expires_in, seconds(600));
}

TEST(TokenAnswer, AcceptsNumericAndTextualLifetimes) {
  const struct {
    std::string_view expires_in;
    std::optional<seconds> expected;
  } kCases[] = {
      {"600", seconds(600)},   {R"("600")", seconds(600)}, {"599.9", seconds(599)},
      {"6e2", seconds(600)},   {"0", seconds(0)},          {"-1", std::nullopt},
      {"1e999", std::nullopt}, {"null", std::nullopt},     {R"("soon")", std::nullopt},
      {R"("")", std::nullopt}, {"[600]", std::nullopt},    {"99999999999", std::nullopt},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.expires_in);
    const auto token =
        ReadTokenAnswer(R"({"access_token":"t","expires_in":)" + std::string(c.expires_in) + "}");
    ASSERT_TRUE(token);
    EXPECT_EQ(token->expires_in, c.expected);
  }
}

TEST(TokenAnswer, RefusesABodyWithoutAToken) {
  for (const std::string_view body : {"", "{}", R"({"access_token":""})", R"({"access_token":1})",
                                      R"({"error":"invalid_client"})", R"(["access_token"])"}) {
    SCOPED_TRACE(body);
    EXPECT_FALSE(ReadTokenAnswer(body));
  }
}

}  // namespace
}  // namespace common::json
