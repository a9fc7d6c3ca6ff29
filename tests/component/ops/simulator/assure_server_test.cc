#include "ops/simulator/assure_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "common/json/api_answer.h"
#include "tests/support/http_client.h"

namespace simulator {
namespace {

using namespace std::chrono_literals;
using testing::Ge;
using testing::HasSubstr;
using testing::Lt;
using Clock = std::chrono::steady_clock;

class AssureServerTest : public testing::Test {
 protected:
  explicit AssureServerTest(AssureServerOptions options = {})
      : server_(*AssureServer::Start(std::move(options), log_)) {}

  [[nodiscard]] std::string Api(const std::string& path) const {
    return "http://127.0.0.1:" + std::to_string(server_->api_port()) + path;
  }
  [[nodiscard]] std::string Admin(const std::string& path) const {
    return "http://127.0.0.1:" + std::to_string(server_->admin_port()) + path;
  }

  [[nodiscard]] tests::HttpAnswer Token() const {
    return tests::Post(Api("/auth/open/connect/token"), "grant_type=client_credentials",
                       {{"Authorization", "Basic Y2xpZW50OnNlY3JldA=="}});
  }
  [[nodiscard]] std::string Bearer() const {
    return "Bearer " + common::json::ReadTokenAnswer(Token().body)->access_token;
  }
  [[nodiscard]] tests::HttpAnswer Get(const std::string& path) {
    if (bearer_.empty()) bearer_ = Bearer();
    return tests::Send({.url = Api(path), .fields = {{"Authorization", bearer_}}});
  }
  void Behave(const std::string& json) const {
    const tests::HttpAnswer answer = tests::Put(Admin("/behaviour"), json);
    ASSERT_EQ(answer.status, 200) << answer.body << answer.error;
  }
  [[nodiscard]] std::string Stats() const { return tests::Get(Admin("/stats")).body; }

  const common::Logger log_{"assure-sim", [](std::string_view) {}};
  std::string bearer_;
  std::unique_ptr<AssureServer> server_;
};

TEST_F(AssureServerTest, ServesEveryDossierAndProcessWithAToken) {
  const tests::HttpAnswer process = Get("/assure/dossiers/d/processes/p");
  EXPECT_EQ(process.status, 200);
  EXPECT_EQ(process.Field("Content-Type"), "application/json");
  EXPECT_TRUE(common::json::ReadResourceAnswer(process.body));
  EXPECT_EQ(Get("/assure/dossiers/d").status, 200);
  EXPECT_EQ(Get("/assure/dossiers/d/processes/p").body, process.body);
}

TEST_F(AssureServerTest, Answers401WithATraceIdWithoutAToken) {
  const tests::HttpAnswer answer = tests::Get(Api("/assure/dossiers/d"));
  EXPECT_EQ(answer.status, 401);
  EXPECT_TRUE(common::json::ReadTraceId(answer.body)) << answer.body;
}

class ShortTokens : public AssureServerTest {
 protected:
  ShortTokens() : AssureServerTest({.api = {.token_lifetime = 1ms}}) {}
};

TEST_F(ShortTokens, ExpireAfterTheirLifetime) {
  bearer_ = Bearer();
  const auto until = Clock::now() + 3ms;
  while (Clock::now() < until) std::this_thread::yield();
  EXPECT_EQ(Get("/assure/dossiers/d").status, 401);
}

TEST_F(AssureServerTest, FailsAsConfigured) {
  EXPECT_EQ(Get("/assure/dossiers/d").status, 200);
  Behave(R"({"status":429,"retry_after_s":17})");
  const tests::HttpAnswer answer = Get("/assure/dossiers/d");
  EXPECT_EQ(answer.status, 429);
  EXPECT_EQ(answer.Field("Retry-After"), "17");
  EXPECT_TRUE(common::json::ReadTraceId(answer.body)) << answer.body;
  Behave("{}");
  EXPECT_EQ(Get("/assure/dossiers/d").status, 200);
}

TEST_F(AssureServerTest, RejectsAnInvalidBehaviourAndKeepsTheOldOne) {
  Behave(R"({"missing":["d"]})");
  const tests::HttpAnswer refusal = tests::Put(Admin("/behaviour"), R"({"lateness":1})");
  EXPECT_EQ(refusal.status, 400);
  EXPECT_EQ(refusal.body, "unknown key 'lateness'\n");
  EXPECT_THAT(tests::Get(Admin("/behaviour")).body, HasSubstr(R"("missing":["d"])"));
  EXPECT_EQ(Get("/assure/dossiers/d").status, 404);
  EXPECT_EQ(Get("/assure/dossiers/e").status, 200);
}

TEST_F(AssureServerTest, AnswersPendingForTheConfiguredTime) {
  const std::string path = "/assure/dossiers/d/processes/p";
  Behave(R"({"pending_for_s":3600})");
  EXPECT_EQ(common::json::ReadResourceAnswer(Get(path).body)->status, "pending");
  Behave("{}");
  EXPECT_NE(common::json::ReadResourceAnswer(Get(path).body)->status, "pending");
}

TEST_F(AssureServerTest, SendsGarbageAndHugeBodies) {
  Behave(R"({"body":"garbage"})");
  const tests::HttpAnswer garbage = Get("/assure/dossiers/d");
  EXPECT_EQ(garbage.status, 200);
  EXPECT_FALSE(common::json::ReadResourceAnswer(garbage.body));
  Behave(R"({"body":"huge"})");
  EXPECT_THAT(Get("/assure/dossiers/d").body.size(), Ge(8U * 1024 * 1024));
}

TEST_F(AssureServerTest, RefusesConnectionsWhileDownAndReturnsOnItsPort) {
  EXPECT_EQ(Get("/assure/dossiers/d").status, 200);
  Behave(R"({"down":true})");
  EXPECT_EQ(Get("/assure/dossiers/d").status, 0);
  EXPECT_EQ(tests::Get(Admin("/livez")).status, 200);
  Behave(R"({"down":false})");
  EXPECT_EQ(Get("/assure/dossiers/d").status, 200);
}

TEST_F(AssureServerTest, DropsRequestsInProgressWhenItGoesDown) {
  bearer_ = Bearer();
  Behave(R"({"latency_ms":60000})");
  tests::HttpAnswer answer{.status = -1};
  std::jthread client([&] { answer = Get("/assure/dossiers/d"); });
  while (Stats().find(R"("in_progress":1)") == std::string::npos) std::this_thread::yield();
  Behave(R"({"down":true})");
  client.join();
  EXPECT_EQ(answer.status, 0);
}

TEST_F(AssureServerTest, DelaysAnswersWithoutBlockingOthers) {
  bearer_ = Bearer();
  Behave(R"({"latency_ms":200})");
  const auto start = Clock::now();
  {
    std::vector<std::jthread> clients;
    for (int n = 0; n < 20; ++n) {
      clients.emplace_back([&] { EXPECT_EQ(Get("/assure/dossiers/d").status, 200); });
    }
  }
  const auto elapsed = Clock::now() - start;
  EXPECT_THAT(elapsed, Ge(200ms));
  EXPECT_THAT(elapsed, Lt(2s)) << "sequential answers would take 4 s";
  EXPECT_THAT(Stats(), HasSubstr(R"("dossier":{"200":20})"));
  EXPECT_EQ(Stats().find(R"("max_concurrency":1,)"), std::string::npos) << Stats();
}

TEST_F(AssureServerTest, CountsRequestsByResourceAndStatus) {
  EXPECT_EQ(Get("/assure/dossiers/d").status, 200);
  EXPECT_EQ(Get("/assure/dossiers/d/processes/p").status, 200);
  EXPECT_EQ(Get("/assure/nothing").status, 404);
  bearer_ = "Bearer none";
  EXPECT_EQ(Get("/assure/dossiers/d").status, 401);
  EXPECT_EQ(Stats(),
            R"({"requests":{"token":{"200":1},"dossier":{"200":1,"401":1},"process":{"200":1},)"
            R"("other":{"404":1}},"in_progress":0,"max_concurrency":1,)"
            R"("max_resource_concurrency":1,"despite_retry_after":0})"
            "\n");
  EXPECT_EQ(tests::Send({.url = Admin("/stats"), .method = "DELETE"}).status, 200);
  EXPECT_EQ(Stats(),
            R"({"requests":{"token":{},"dossier":{},"process":{},"other":{}},"in_progress":0,)"
            R"("max_concurrency":0,"max_resource_concurrency":0,"despite_retry_after":0})"
            "\n");
}

TEST(AssureServer, ReportsWhyItCannotStart) {
  const common::Logger log("assure-sim", [](std::string_view) {});
  const auto first = AssureServer::Start({}, log);
  ASSERT_TRUE(first);
  AssureServerOptions options;
  options.listen.port = (*first)->api_port();
  const auto second = AssureServer::Start(options, log);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().remedy, common::Remedy::kStop);
}

}  // namespace
}  // namespace simulator
