#include "ops/simulator/assure_api.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "common/json/api_answer.h"

namespace simulator {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::Contains;
using testing::Ge;
using testing::Le;
using testing::Pair;

const common::WallTime kNow{1'800'000'000s};
const char* const kClient = "Basic Y2xpZW50OnNlY3JldA==";  // client:secret

class AssureApiTest : public testing::Test {
 protected:
  explicit AssureApiTest(AssureApiOptions options = {}) : api_(std::move(options)) {}

  ApiReply Token(std::string_view authorization = kClient,
                 std::string_view form = "grant_type=client_credentials") {
    return api_.Answer({.method = "POST",
                        .path = "/auth/open/connect/token",
                        .authorization = authorization,
                        .body = form},
                       kNow);
  }

  std::string Bearer() {
    return "Bearer " + common::json::ReadTokenAnswer(Token().body)->access_token;
  }

  ApiReply Get(std::string_view path, common::WallTime now = kNow) {
    return api_.Answer({.method = "GET", .path = path, .authorization = bearer_, .body = ""}, now);
  }

  void Behave(std::string_view json) { api_.Set(*ParseBehaviour(json)); }

  AssureApi api_;
  std::string bearer_ = Bearer();
};

TEST_F(AssureApiTest, IssuesTokenToAnyNamedClient) {
  EXPECT_EQ(Token().status, 200);
  EXPECT_EQ(Token("").status, 401);
  EXPECT_EQ(Token(kClient, "grant_type=password").status, 400);
}

TEST_F(AssureApiTest, IssuesTokenOnlyToTheConfiguredClient) {
  AssureApi api({.client = {"client", "secret"}});
  const auto ask = [&](const char* authorization) {
    return api
        .Answer({.method = "POST",
                 .path = "/auth/open/connect/token",
                 .authorization = authorization,
                 .body = "grant_type=client_credentials"},
                kNow)
        .status;
  };
  EXPECT_EQ(ask(kClient), 200);
  EXPECT_EQ(ask("Basic Y2xpZW50Om90aGVy"), 401);
}

TEST_F(AssureApiTest, ServesEveryDossierAndProcess) {
  EXPECT_EQ(Get("/assure/dossiers/d").status, 200);
  EXPECT_EQ(Get("/assure/dossiers/d/processes/p").status, 200);
  EXPECT_EQ(Get("/assure/dossiers/d/processes/p").body, Get("/assure/dossiers/d/processes/p").body);
  EXPECT_EQ(Get("/assure/elsewhere").status, 404);
}

TEST_F(AssureApiTest, ForgetsADeletedDossierAndItsProcesses) {
  const auto erase = [&](std::string_view path) {
    return api_
        .Answer({.method = "DELETE", .path = path, .authorization = bearer_, .body = ""}, kNow)
        .status;
  };
  EXPECT_EQ(erase("/assure/dossiers/d/processes/p"), 405);
  EXPECT_EQ(Get("/assure/dossiers/d/processes/p").status, 200);
  Behave(R"({"status_of":{"d":409}})");
  EXPECT_EQ(erase("/assure/dossiers/d"), 409);
  Behave("{}");
  EXPECT_EQ(erase("/assure/dossiers/d"), 204);
  EXPECT_EQ(erase("/assure/dossiers/d"), 404);
  EXPECT_EQ(Get("/assure/dossiers/d").status, 404);
  EXPECT_EQ(Get("/assure/dossiers/d/processes/p").status, 404);
  EXPECT_EQ(Get("/assure/dossiers/e").status, 200);
}

TEST_F(AssureApiTest, RejectsForeignAndExpiredTokens) {
  EXPECT_EQ(Get("/assure/dossiers/d", kNow + 599s).status, 200);
  EXPECT_EQ(Get("/assure/dossiers/d", kNow + 600s).status, 401);
  for (const std::string& wrong :
       {std::string(), std::string("Bearer x"), std::string(kClient), bearer_ + "0",
        bearer_.substr(0, bearer_.size() - 1), std::string("Bearer 9") + bearer_.substr(7)}) {
    bearer_ = wrong;
    const ApiReply reply = Get("/assure/dossiers/d");
    EXPECT_EQ(reply.status, 401) << wrong;
    EXPECT_TRUE(common::json::ReadTraceId(reply.body));
  }
}

TEST_F(AssureApiTest, FailsAtTheErrorRate) {
  Behave(R"({"error_rate":0.25,"status":503,"retry_after_s":7})");
  int failed = 0;
  for (int n = 0; n < 2000; ++n) {
    const ApiReply reply = Get("/assure/dossiers/d");
    if (reply.status == 200) continue;
    ++failed;
    EXPECT_EQ(reply.status, 503);
    EXPECT_THAT(reply.fields, Contains(Pair("Retry-After", "7")));
    EXPECT_TRUE(common::json::ReadTraceId(reply.body));
  }
  EXPECT_THAT(failed, AllOf(Ge(430), Le(570)));
  EXPECT_EQ(Token().status, 200) << "tokens have their own status";
}

TEST_F(AssureApiTest, RedirectsElsewhereOn3xx) {
  Behave(R"({"status":302})");
  EXPECT_THAT(Get("/assure/dossiers/d").fields,
              Contains(Pair("Location", "http://elsewhere.invalid/")));
}

TEST_F(AssureApiTest, Returns404ForListedIdsOnly) {
  Behave(R"({"missing":["d1","p1"]})");
  EXPECT_EQ(Get("/assure/dossiers/d1").status, 404);
  EXPECT_EQ(Get("/assure/dossiers/d1/processes/p2").status, 200);
  EXPECT_EQ(Get("/assure/dossiers/d2/processes/p1").status, 404);
}

TEST_F(AssureApiTest, ReturnsTheConfiguredStatusForListedIdsOnly) {
  Behave(R"({"status_of":{"p1":403,"d1":500}})");
  EXPECT_EQ(Get("/assure/dossiers/d2/processes/p1").status, 403);
  EXPECT_EQ(Get("/assure/dossiers/d1").status, 500);
  EXPECT_EQ(Get("/assure/dossiers/d1/processes/p2").status, 200);
}

TEST_F(AssureApiTest, ReturnsPagesAndForeignDocumentsOnRequest) {
  Behave(R"({"body":"page","content_encoding":"UTF-8"})");
  const ApiReply page = Get("/assure/dossiers/d");
  EXPECT_EQ(page.status, 200);
  EXPECT_EQ(page.content_type, "text/html; charset=utf-8");
  EXPECT_EQ(page.body.front(), '<');
  EXPECT_THAT(page.fields, Contains(Pair("Content-Encoding", "UTF-8")));
  Behave(R"({"body":"foreign"})");
  for (const char* path : {"/assure/dossiers/d", "/assure/dossiers/d/processes/p"}) {
    const auto answer = common::json::ReadResourceAnswer(Get(path).body);
    ASSERT_TRUE(answer);
    EXPECT_NE(answer->ids.process.value, "p");
    EXPECT_NE(answer->ids.dossier.value, "d");
  }
}

TEST_F(AssureApiTest, Returns404ForTheSameShareOfIdsEachTime) {
  Behave(R"({"missing":0.5})");
  int missing = 0;
  for (int n = 0; n < 400; ++n) {
    const std::string path = "/assure/dossiers/d" + std::to_string(n);
    const int status = Get(path).status;
    EXPECT_EQ(Get(path).status, status);
    missing += status == 404 ? 1 : 0;
  }
  EXPECT_THAT(missing, AllOf(Ge(160), Le(240)));
}

TEST_F(AssureApiTest, KeepsProcessPendingAfterItsFirstRequest) {
  Behave(R"({"pending_for_s":2})");
  const auto status_at = [&](common::WallTime now) {
    return common::json::ReadResourceAnswer(Get("/assure/dossiers/d/processes/p", now).body)
        ->status.value_or("none");
  };
  EXPECT_EQ(status_at(kNow), "pending");
  EXPECT_EQ(status_at(kNow + 1999ms), "pending");
  EXPECT_NE(status_at(kNow + 2s), "pending");
}

TEST_F(AssureApiTest, RefusesTokensWithTheTokenStatus) {
  Behave(R"({"token_status":429,"retry_after_s":5})");
  EXPECT_EQ(Token().status, 429);
  EXPECT_THAT(Token().fields, Contains(Pair("Retry-After", "5")));
  EXPECT_EQ(Get("/assure/dossiers/d").status, 200) << "tokens issued before stay valid";
}

TEST_F(AssureApiTest, DelaysEveryAnswerByTheLatency) {
  Behave(R"({"latency_ms":30})");
  EXPECT_EQ(Get("/assure/dossiers/d").latency, 30ms);
  EXPECT_EQ(Token().latency, 30ms);
}

}  // namespace
}  // namespace simulator
