#include "ops/simulator/abuse.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ops/simulator/assure_server.h"
#include "ops/simulator/bad_client.h"
#include "tests/support/http_client.h"

namespace simulator {
namespace {

using testing::HasSubstr;

std::string ErrorOf(const std::vector<std::string_view>& arguments) {
  const auto options = ParseAbuseOptions(arguments);
  return options ? "" : options.error().detail;
}

TEST(Abuse, RequiresAnAddressAsTarget) {
  EXPECT_THAT(ErrorOf({}), HasSubstr("--target"));
  EXPECT_THAT(ErrorOf({"--target", "http://somewhere/"}), HasSubstr("--target"));
  EXPECT_THAT(ErrorOf({"--target", "127.0.0.1:1", "--connections", "0"}),
              HasSubstr("--connections"));
  EXPECT_EQ(ErrorOf({"--target", "127.0.0.1:1", "--duration=2s", "--rate=10"}), "");
}

TEST(Abuse, RunsEachKindOfBadClientWhileOthersAreServed) {
  const common::Logger log("assure-sim", [](std::string_view) {});
  const auto server = *AssureServer::Start({}, log);
  AbuseOptions options;
  options.host = "127.0.0.1";
  options.port = server->api_port();
  options.connections = 30;
  options.duration = std::chrono::seconds(1);
  const common::Shutdown shutdown;
  const std::string report = Abuse(options, shutdown);
  for (const BadClient& client : BadClients(options.path, "")) {
    EXPECT_THAT(report, HasSubstr("\"" + std::string(client.name) + "\":"));
  }
  EXPECT_THAT(report, HasSubstr(R"("not_connected":0)"));
  EXPECT_THAT(report, HasSubstr(R"("first_statuses":{"400":)")) << "broken framing";
  const auto answer =
      tests::Get("http://127.0.0.1:" + std::to_string(server->api_port()) + "/assure/dossiers/d");
  EXPECT_EQ(answer.status, 401);
}

}  // namespace
}  // namespace simulator
