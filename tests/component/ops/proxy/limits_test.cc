#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <regex>
#include <string>
#include <vector>

#include "ingest/config.h"
#include "tests/component/ops/proxy/stub_instance.h"
#include "tests/harness/process.h"
#include "tests/harness/proxy.h"
#include "tests/support/raw_client.h"
#include "tests/support/wait_until.h"

// How many resources of a proxy one address may hold, and for how long. Strangers release theirs,
// and no sender needs so many that it is refused.
namespace tests {
namespace {

using std::chrono::seconds;

/// Well above the time after which the shipped proxies close a silent connection.
constexpr seconds kUntilLetGo(40);

/// The status of one callback over its own connection; 0 if closed without an answer.
int StatusOn(RawClient& client) {
  client.Send(PostRequest("/callbacks/onfido", "{}"));
  const std::optional<RawAnswer> answer = client.Read(seconds(20));
  return answer ? answer->status : 0;
}

bool IsServed(const Proxy& proxy) {
  RawClient client(proxy.port());
  return StatusOn(client) == 200;
}

TEST(NginxLimits, ReleaseAnOpenConnectionWithoutACompleteHead) {
  const StubInstance instance(StubInstance::Conduct::kStores);
  const Proxy proxy(ProxyKind::kNginx, {{instance.port(), 0}}, {.request_timeout_ms = 300});
  std::vector<RawClient> strangers;
  for (int i = 0; i < Proxy::kConnectionsOfAnAddress; ++i) {
    strangers.emplace_back(proxy.port());
    strangers.back().Send("P");
  }
  ASSERT_TRUE(WaitUntil([&] { return !IsServed(proxy); }, seconds(20)));
  EXPECT_TRUE(WaitUntil([&] { return IsServed(proxy); }, kUntilLetGo));
}

class LimitsTest : public ::testing::TestWithParam<ProxyKind> {};

TEST_P(LimitsTest, ServeASenderAgainThatLeavesConnectionsOpen) {
  const StubInstance instance(StubInstance::Conduct::kStores);
  const Proxy proxy(GetParam(), {{instance.port(), instance.port()}},
                    {.requests_of_an_address = 4, .connections_of_an_address = 5});
  std::vector<RawClient> left_open;
  const auto is_served = [&] {
    RawClient client(proxy.port());
    const bool is_stored = StatusOn(client) == 200;
    if (is_stored) left_open.push_back(std::move(client));
    return is_stored;
  };
  ASSERT_TRUE(WaitUntil([&] { return !is_served(); }, seconds(20)));
  EXPECT_TRUE(WaitUntil(is_served, kUntilLetGo)) << left_open.size() << " callbacks sent before";
}

INSTANTIATE_TEST_SUITE_P(Proxies, LimitsTest,
                         ::testing::Values(ProxyKind::kNginx, ProxyKind::kHaproxy),
                         [](const auto& kind) { return NameOf(kind.param); });

TEST(HaproxyLimits, TakeEffectOnReload) {
  constexpr int kBefore = 4;
  constexpr int kAfter = 8;
  const StubInstance instance(StubInstance::Conduct::kStores);
  Proxy proxy(ProxyKind::kHaproxy, {{instance.port(), instance.port()}},
              {.requests_of_an_address = kBefore,
               .connections_of_an_address = 2 * kBefore,
               .has_master = true});
  const auto served_at_once = [&] {
    std::vector<RawClient> clients;
    do {
      clients.emplace_back(proxy.port());
    } while (StatusOn(clients.back()) == 200 && clients.size() < 4 * kAfter);
    return static_cast<int>(clients.size()) - 1;
  };
  ASSERT_TRUE(WaitUntil([&] { return served_at_once() == kBefore; }, seconds(20)));
  proxy.Reload(kAfter, 2 * kAfter);
  EXPECT_TRUE(WaitUntil([&] { return served_at_once() == kAfter; }, seconds(20)))
      << served_at_once() << " served concurrently\n"
      << proxy.Log();
}

/// The number before `unit` after `name`, in milliseconds.
double LimitIn(const std::string& text, const std::string& name) {
  std::smatch found;
  if (!std::regex_search(text, found, std::regex("\n *" + name + " ([0-9]+)(ms|s)"))) return 1e9;
  return std::stod(found[1]) * (found[2] == "s" ? 1000 : 1);
}

/// The number after `name`.
int FigureIn(const std::string& text, const std::string& name) {
  std::smatch found;
  if (!std::regex_search(text, found, std::regex("\n *" + name + " ([0-9]+)"))) return 0;
  return std::stoi(found[1]);
}

constexpr int kCallbacksPerSecond = 250;
constexpr int kLongestAnswerSeconds = 9;

TEST(ProxyLimits, AllowOneAddressASlowKafkasCallbacksButNotAllOfIngest) {
  const std::string nginx = ReadFile(SourcePath("ops/proxy/nginx.conf"));
  const std::string stream = ReadFile(SourcePath("ops/proxy/nginx-stream.conf"));
  const std::string haproxy = ReadFile(SourcePath("ops/proxy/haproxy.cfg"));
  const int requests = FigureIn(nginx, "limit_conn sluice_addresses");
  const int connections = FigureIn(stream, "limit_conn sluice_connections");
  EXPECT_GE(requests, kCallbacksPerSecond * kLongestAnswerSeconds * 3 / 2);
  EXPECT_LE(2 * requests, ingest::Config{}.max_connections);
  EXPECT_GE(connections, requests * 5 / 4)
      << "the request limit must apply first, so that a sender gets an answer";
  const int answered = FigureIn(haproxy, "setenv SLUICE_CONNECTIONS_ANSWERED");
  EXPECT_GE(answered, requests);
  EXPECT_LE(2 * answered, ingest::Config{}.max_connections);
  EXPECT_EQ(FigureIn(haproxy, "setenv SLUICE_CONNECTIONS_TAKEN"), connections);
  EXPECT_GE(FigureIn(haproxy, "maxconn"), 4 * connections);
}

TEST(ProxyLimits, AllowOneAddressToLeaveConnectionsOpen) {
  const std::string nginx = ReadFile(SourcePath("ops/proxy/nginx.conf"));
  const std::string server = nginx.substr(nginx.find("\nserver {"));
  const std::string stream = ReadFile(SourcePath("ops/proxy/nginx-stream.conf"));
  const std::string haproxy = ReadFile(SourcePath("ops/proxy/haproxy.cfg"));
  const auto connections_at_once = [](double seconds_each) {
    return kCallbacksPerSecond * seconds_each;
  };
  const int taken = FigureIn(stream, "limit_conn sluice_connections");
  const double idle = LimitIn(server, "keepalive_timeout") / 1000;
  EXPECT_LE(connections_at_once(kLongestAnswerSeconds + idle), taken);
  const double half_closed = LimitIn(stream, "proxy_timeout") / 1000;
  EXPECT_LE(connections_at_once(idle + half_closed), taken) << "even by a sender that never closes";
  EXPECT_LT(idle, half_closed) << "otherwise proxy_timeout ends it first";
  EXPECT_GT(half_closed, 9.5) << "a callback may wait this long without traffic";
  EXPECT_LT(connections_at_once(kLongestAnswerSeconds +
                                LimitIn(haproxy, "timeout http-keep-alive") / 1000),
            FigureIn(haproxy, "setenv SLUICE_CONNECTIONS_ANSWERED"));
}

TEST(ProxyTimeLimits, FitBetweenIngestsDeadlinesAndTheSendersTenSeconds) {
  const std::string nginx = ReadFile(SourcePath("ops/proxy/nginx.conf"));
  const double last_try = LimitIn(nginx, "proxy_next_upstream_timeout");
  const double longest =
      last_try + LimitIn(nginx, "proxy_connect_timeout") + LimitIn(nginx, "proxy_read_timeout");
  EXPECT_LE(longest, 9500);
  EXPECT_GT(LimitIn(nginx, "proxy_read_timeout"), 8500) << "answer_deadline";
  const std::string haproxy = ReadFile(SourcePath("ops/proxy/haproxy.cfg"));
  EXPECT_LE(2 * (LimitIn(haproxy, "timeout connect") + LimitIn(haproxy, "timeout server")), 9500);
  EXPECT_GT(LimitIn(haproxy, "timeout server"), 4000) << "ack_deadline";
  const double of_one_shots = LimitIn(haproxy, "http-request set-timeout server");
  EXPECT_GT(of_one_shots, 8500) << "answer_deadline";
  EXPECT_LE(LimitIn(haproxy, "timeout connect") + of_one_shots, 9500);
}

}  // namespace
}  // namespace tests
