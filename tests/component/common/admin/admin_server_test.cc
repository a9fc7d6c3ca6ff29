#include "common/admin/admin_server.h"

#include <gtest/gtest.h>
#include <prometheus/counter.h>
#include <prometheus/registry.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "common/base/guarded.h"
#include "tests/support/raw_client.h"

namespace common::admin {
namespace {

using tests::RawClient;

class AdminPort : public testing::Test {
 protected:
  AdminPort() {
    prometheus::BuildCounter().Name("sluice_test_total").Register(*registry_).Add({}).Increment(3);
    std::vector<Route> routes;
    routes.push_back({"PUT", "/behaviour", [](const http::RequestHead&, std::string_view body) {
                        return http::Answer{.body = "now " + std::string(body)};
                      }});
    routes.push_back({"GET", "/behaviour", [](const http::RequestHead&, std::string_view) {
                        return http::Answer{.body = "as before"};
                      }});
    routes.push_back({"GET", "/broken", [](const http::RequestHead&, std::string_view) {
                        throw std::runtime_error("scripted");
                        return http::Answer{};
                      }});
    auto server = AdminServer::Start(
        {.ready_metric = "sluice_test_ready"}, registry_,
        [this] { return missing_.With([](const auto& missing) { return missing; }); },
        std::move(routes));
    if (!server) throw std::runtime_error(server.error().detail);
    server_ = *std::move(server);
  }

  tests::RawAnswer Ask(const std::string& method, const std::string& path,
                       const std::string& body = "") {
    return AskAt(*server_, method, path, body);
  }
  static tests::RawAnswer AskAt(const AdminServer& server, const std::string& method,
                                const std::string& path, const std::string& body = "") {
    RawClient client(server.port());
    client.Send(method + " " + path + " HTTP/1.1\r\nHost: h\r\nContent-Length: " +
                std::to_string(body.size()) + "\r\n\r\n" + body);
    return client.Read(std::chrono::seconds(5), method == "HEAD").value_or(tests::RawAnswer{});
  }

  std::shared_ptr<prometheus::Registry> registry_ = std::make_shared<prometheus::Registry>();
  Guarded<std::vector<std::string>> missing_;
  std::unique_ptr<AdminServer> server_;
};

TEST_F(AdminPort, AnswersLivez) {
  const auto answer = Ask("GET", "/livez");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "ok\n");
}

TEST_F(AdminPort, IsReadyIfNothingIsMissing) {
  const auto answer = Ask("GET", "/readyz");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.Field("Content-Type"), "application/json");
  EXPECT_EQ(answer.body, "{\"ready\":true,\"missing\":[]}\n");
}

TEST_F(AdminPort, NamesMissingDependencies) {
  missing_.With([](auto& missing) { missing = {"kafka", "spool"}; });
  const auto answer = Ask("GET", "/readyz");
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.body, "{\"ready\":false,\"missing\":[\"kafka\",\"spool\"]}\n");
}

TEST_F(AdminPort, ExportsMetricsAsPrometheusText) {
  const auto answer = Ask("GET", "/metrics?name=x");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.Field("Content-Type"), "text/plain; version=0.0.4");
  EXPECT_NE(answer.body.find("sluice_test_total 3"), std::string::npos) << answer.body;
}

// One source: an alert and a load balancer never see different verdicts.
TEST_F(AdminPort, ExportsReadinessAsReadyzAnswersIt) {
  EXPECT_NE(Ask("GET", "/metrics").body.find("\nsluice_test_ready 1\n"), std::string::npos);
  missing_.With([](auto& missing) { missing = {"kafka"}; });
  EXPECT_NE(Ask("GET", "/metrics").body.find("\nsluice_test_ready 0\n"), std::string::npos);
}

TEST_F(AdminPort, ExportsTheProcessesOwnMetrics) {
  EXPECT_NE(Ask("GET", "/metrics").body.find("\nprocess_open_fds "), std::string::npos);
}

TEST_F(AdminPort, AnswersHeadLikeGetWithoutBody) {
  const auto answer = Ask("HEAD", "/livez");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.Field("Content-Length"), "3");
}

TEST_F(AdminPort, ServesAdditionalRoutesByMethodAndPath) {
  EXPECT_EQ(Ask("PUT", "/behaviour", "slow").body, "now slow");
  EXPECT_EQ(Ask("GET", "/behaviour").body, "as before");
}

TEST_F(AdminPort, Answers404ForUnknownPaths) {
  EXPECT_EQ(Ask("GET", "/").status, 404);
  EXPECT_EQ(Ask("GET", "/livez/").status, 404);
  EXPECT_EQ(Ask("POST", "/none", "x").status, 404);
}

TEST_F(AdminPort, Answers405WithTheAllowedMethods) {
  const auto answer = Ask("POST", "/behaviour", "x");
  EXPECT_EQ(answer.status, 405);
  EXPECT_EQ(answer.Field("Allow"), "PUT, GET, HEAD");
  EXPECT_EQ(Ask("POST", "/livez", "x").Field("Allow"), "GET, HEAD");
}

TEST_F(AdminPort, LetsTheOwnerReplaceABuiltInRoute) {
  const auto server =
      AdminServer::Start({}, registry_, [] { return std::vector<std::string>(); },
                         {{"GET", "/livez", [](const http::RequestHead&, std::string_view) {
                             return http::Answer{.status = 503, .body = "a lane stands still\n"};
                           }}});
  ASSERT_TRUE(server);
  EXPECT_EQ(AskAt(**server, "GET", "/livez").status, 503);
  EXPECT_EQ(AskAt(**server, "POST", "/livez", "x").Field("Allow"), "GET, HEAD");
}

TEST_F(AdminPort, SurvivesARouteThatThrows) {
  EXPECT_EQ(Ask("GET", "/broken").status, 503);
  EXPECT_EQ(Ask("GET", "/livez").status, 200);
}

TEST_F(AdminPort, CannotBindAPortTwice) {
  const auto second = AdminServer::Start({.port = server_->port()}, registry_,
                                         [] { return std::vector<std::string>(); });
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().remedy, Remedy::kStop);
}

}  // namespace
}  // namespace common::admin
