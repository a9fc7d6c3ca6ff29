#include "tests/harness/proxy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "common/domain/provider_rules.h"
#include "ingest/policy/answer.h"
#include "tests/component/ingest/support/running_ingest.h"
#include "tests/component/ops/proxy/stub_instance.h"
#include "tests/harness/process.h"
#include "tests/support/raw_client.h"
#include "tests/support/wait_until.h"

// Promise P3 behind a proxy with the shipped configuration. Whatever happens to the instances, and
// whatever is wrong with a request, no sender gets a status that its rules turn into a loss or a
// penalty.
namespace tests {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::HasSubstr;
using ::testing::Not;
using Conduct = StubInstance::Conduct;

struct Sender {
  const char* path;
  int transient;
  bool penalises;  ///< True if it may penalise statuses.
};
const std::vector<Sender> kSenders = {
    {"/callbacks/onfido", 503, false},
    {"/callbacks/eid", 503, false},
    {"/callbacks/SignicatVideoID/?secret=hunter2", 503, false},
    {"/callbacks/readid", 429, true},
    {"/callbacks/ReadID/", 429, true},
    {"/callbacks/paper", 503, false},
    {"/callbacks/signicatpaper/", 503, false},
    {"/callbacks/connect?a=b", 503, false},
    {"/callbacks/webid", 503, false},
    {"/callbacks/pictureid", 503, false},
    {"/callbacks/SIGNICATPICTUREID", 503, false},
    {"/callbacks/typo", 429, true},
    {"/callbacks", 429, true},
    {"/callbacks/", 429, true},
    {"/callbacks/onfido/deeper", 429, true},
    {"/callbacks/onfido?/../readid", 503, false},
    {"/callbacks/readid?/callbacks/onfido", 429, true},
};

std::string Request(const char* path, const std::string& fields, const std::string& body = "",
                    const char* method = "POST") {
  return std::string(method) + " " + path + " HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n" + body;
}

class ProxyTest : public ::testing::TestWithParam<ProxyKind> {
 protected:
  [[nodiscard]] bool IsNginx() const { return GetParam() == ProxyKind::kNginx; }

  void Start(const std::vector<const StubInstance*>& instances) {
    std::vector<Proxy::Instance> ports;
    for (const StubInstance* instance : instances) {
      ports.push_back({instance->port(), instance->port()});
    }
    proxy = std::make_unique<Proxy>(GetParam(), ports);
  }
  void StartWithoutInstance() {
    const std::uint16_t nobody = FreePort();
    proxy = std::make_unique<Proxy>(GetParam(), std::vector<Proxy::Instance>{{nobody, nobody}});
  }

  /// The status; 0 if the connection closes without an answer.
  [[nodiscard]] int StatusOf(const std::string& request) const {
    RawClient client(proxy->port());
    client.Send(request);
    const std::optional<RawAnswer> answer = client.Read(seconds(20));
    return answer ? answer->status : 0;
  }

  /// The statuses for all of kSenders, which send concurrently.
  [[nodiscard]] std::vector<int> StatusesOfAll(const std::string& fields,
                                               const std::string& body = "",
                                               const char* method = "POST") const {
    std::vector<RawClient> clients;
    for (const Sender& sender : kSenders) {
      clients.emplace_back(proxy->port());
      clients.back().Send(Request(sender.path, fields, body, method));
    }
    std::vector<int> statuses;
    for (RawClient& client : clients) {
      const auto answer = client.Read(seconds(20), std::string_view(method) == "HEAD");
      statuses.push_back(answer ? answer->status : 0);
    }
    return statuses;
  }

  /// Expects the transient status for every sender.
  void ExpectTransientForAll() const {
    const std::vector<int> statuses = StatusesOfAll("Content-Length: 2\r\n", "{}");
    for (std::size_t i = 0; i < kSenders.size(); ++i) {
      EXPECT_EQ(statuses[i], kSenders[i].transient) << kSenders[i].path;
    }
  }

  /// True if a malformed request may get this status. HAProxy answers 400 before its rules, and so
  /// would ingest.
  [[nodiscard]] bool IsHarmless(int status, bool penalises) const {
    if (status == 400 && !IsNginx()) return true;
    return (status == 0 || status >= 400) && !(penalises && common::IsPenal(status));
  }

  std::unique_ptr<Proxy> proxy;
};

TEST_P(ProxyTest, AnswersTransientWhileNoInstanceListens) {
  StartWithoutInstance();
  ExpectTransientForAll();
}

TEST_P(ProxyTest, KnowsTheTransientStatusOfEveryRow) {
  StartWithoutInstance();
  const common::ProviderTable table;
  for (const common::ProviderRow& row : table.rows()) {
    std::vector<std::string> names = row.aliases;
    names.push_back(row.name);
    for (const std::string& name : names) {
      EXPECT_EQ(StatusOf(PostRequest("/callbacks/" + name, "{}")), row.transient_status) << name;
    }
  }
}

TEST_P(ProxyTest, AnswersTransientWhenAnInstanceHangs) {
  const StubInstance hanging(Conduct::kHangs);
  Start({&hanging});
  ExpectTransientForAll();
}

TEST_P(ProxyTest, AnswersTransientWhenInstancesCloseTheConnection) {
  const StubInstance first(Conduct::kResets);
  const StubInstance second(Conduct::kResets);
  Start({&first, &second});
  ExpectTransientForAll();
}

TEST_P(ProxyTest, RetriesAtTheOtherInstanceWhenOneIsDownOrKilled) {
  const StubInstance killed(Conduct::kResets);
  const StubInstance good(Conduct::kStores);
  proxy = std::make_unique<Proxy>(
      GetParam(),
      std::vector<Proxy::Instance>{{FreePort(), good.port()}, {good.port(), good.port()}});
  for (int number = 0; number < 6; ++number) {
    EXPECT_EQ(StatusOf(PostRequest("/callbacks/paper", "{}")), 200);
  }
  Start({&killed, &good});
  for (int number = 0; number < 6; ++number) {
    EXPECT_EQ(StatusOf(PostRequest("/callbacks/paper", "{}")), 200);
  }
  EXPECT_GT(killed.requests(), 0) << "the killed instance must have been tried";
}

TEST(NginxTest, RetriesAtTheOtherInstanceWhenOneRefuses) {
  const StubInstance refusing(Conduct::kRefuses);
  const StubInstance good(Conduct::kStores);
  Proxy proxy(ProxyKind::kNginx, {{refusing.port(), 0}, {good.port(), 0}});
  for (int number = 0; number < 6; ++number) {
    RawClient client(proxy.port());
    client.Send(PostRequest("/callbacks/paper", "{}"));
    EXPECT_EQ(client.Read(seconds(20))->status, 200);
  }
  EXPECT_GT(refusing.requests(), 0) << "the refusing instance must have been tried";
}

TEST_P(ProxyTest, ForwardsRequestsUnchangedOverPersistentConnections) {
  const StubInstance instance(Conduct::kStores);
  Start({&instance});
  RawClient client(proxy->port());
  client.Send(PostRequest("/callbacks/typo%2Fx/y?q=1", "{}",
                          "Authorization: Bearer x\r\nContent-Type: application/json\r\n"
                          "traceparent: 00-1-2-01\r\n"
                          "webhook-signature: v1,Zm9v v1,YmFy=\r\n"
                          "X_Signature: sha256=0a\r\n"));
  ASSERT_EQ(client.Read(seconds(20))->status, 200);
  const std::string head = instance.last_head();
  EXPECT_THAT(head, HasSubstr("POST /callbacks/typo%2Fx/y?q=1 HTTP/1.1\r\n"));
  for (const char* value :
       {"Bearer x", "application/json", "00-1-2-01", ": v1,Zm9v v1,YmFy=\r\n", ": sha256=0a\r\n"}) {
    EXPECT_THAT(head, HasSubstr(value));
  }
  EXPECT_THAT(head, Not(HasSubstr("close")));
  EXPECT_THAT(proxy->Log(), Not(HasSubstr("Bearer")));
}

TEST_P(ProxyTest, NeverBlamesARequestWhileNoInstanceListens) {
  StartWithoutInstance();
  for (const char* method : {"GET", "HEAD", "PUT", "TRACE", "FROBNICATE"}) {
    const std::vector<int> statuses = StatusesOfAll("Content-Length: 0\r\n", "", method);
    for (std::size_t i = 0; i < kSenders.size(); ++i) {
      // TRACE is the only method that nginx itself refuses.
      const bool is_refused = IsNginx() && std::string(method) == "TRACE";
      EXPECT_EQ(statuses[i], is_refused ? 403 : kSenders[i].transient)
          << method << " " << kSenders[i].path;
    }
  }
  const std::vector<int> without_length = StatusesOfAll("");
  const std::vector<int> large =
      StatusesOfAll("Content-Length: 5000000\r\n", std::string(5'000'000, 'x'));
  for (std::size_t i = 0; i < kSenders.size(); ++i) {
    EXPECT_EQ(without_length[i], kSenders[i].transient) << kSenders[i].path;
    EXPECT_EQ(large[i], IsNginx() ? 413 : kSenders[i].transient) << kSenders[i].path;
  }
}

TEST_P(ProxyTest, GivesNoPenalStatusForAMalformedRequest) {
  StartWithoutInstance();
  struct Case {
    const char* what;
    std::string fields;
    std::string body = "{}";
  };
  const std::vector<Case> cases = {
      {"two lengths", "Content-Length: 2\r\nContent-Length: 3\r\n"},
      {"a length that is none", "Content-Length: two\r\n"},
      {"length and chunked", "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n"},
      {"another coding", "Transfer-Encoding: gzip\r\n"},
      {"a malformed chunk", "Transfer-Encoding: chunked\r\n", "zz\r\n{}\r\n0\r\n\r\n"},
      {"a field without a name", ": x\r\nContent-Length: 2\r\n"},
      {"a large head", "X-Padding: " + std::string(100'000, 'x') + "\r\n", ""},
  };
  for (const Case& wrong : cases) {
    const std::vector<int> statuses = StatusesOfAll(wrong.fields, wrong.body);
    for (std::size_t i = 0; i < kSenders.size(); ++i) {
      EXPECT_TRUE(IsHarmless(statuses[i], kSenders[i].penalises))
          << statuses[i] << " for " << wrong.what << ", " << kSenders[i].path;
    }
  }
  const std::vector<std::string> without_path = {
      "\x16\x03\x01\x02 not HTTP at all\r\n\r\n",
      "POST\r\n\r\n",
      "POST /callbacks/readid HTTP/1.1\r\n\r\n",  // No Host.
      "POST /callbacks/readid HTTP/3.7\r\nHost: a\r\n\r\n",
      "POST /callbacks/readid\r\n\r\n",  // As in HTTP/0.9.
      "POST /callbacks/readid/" + std::string(100'000, 'x') + " HTTP/1.1\r\nHost: a\r\n\r\n",
      "POST /callbacks/read id HTTP/1.1\r\nHost: a\r\n\r\n",
      "POST /callbacks/%zz HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n",
      "POST /callbacks/../../callbacks/readid HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n",
      "CONNECT readid:443 HTTP/1.1\r\nHost: a\r\n\r\n",
  };
  for (const std::string& request : without_path) {
    const int status = StatusOf(request);
    EXPECT_TRUE(IsHarmless(status, true)) << status << " for " << request.substr(0, 60);
  }
}

TEST_P(ProxyTest, LimitsOneAddressAndServesTheOthers) {
  const StubInstance hanging(Conduct::kHangs);
  Start({&hanging});
  std::vector<RawClient> strangers;
  for (int i = 0; i < Proxy::kRequestsOfAnAddress; ++i) {
    strangers.emplace_back(proxy->port());
    strangers.back().Send(PostRequest("/callbacks/onfido", "{}"));
  }
  ASSERT_TRUE(
      WaitUntil([&] { return hanging.requests() >= Proxy::kRequestsOfAnAddress; }, seconds(20)));
  RawClient beyond(proxy->port());
  beyond.Send(PostRequest("/callbacks/onfido", "{}"));
  const auto refusal = beyond.Read(seconds(20));
  EXPECT_EQ(refusal ? refusal->status : 0, 429);
  if (!IsNginx()) {
    EXPECT_TRUE(beyond.IsClosedWithin()) << "otherwise it would count as a connection";
  }
  RawClient sender(proxy->port(), {.source = "127.0.0.2"});
  sender.Send(PostRequest("/callbacks/onfido", "{}"));
  const auto answer = sender.Read(seconds(20));
  EXPECT_EQ(answer ? answer->status : 0, 503) << "it must reach the hanging instance";
}

TEST_P(ProxyTest, ServesASenderWhileAnAddressSendsIncompleteHeads) {
  const StubInstance instance(Conduct::kStores);
  constexpr int kForEver = 60'000;
  proxy = std::make_unique<Proxy>(GetParam(),
                                  std::vector<Proxy::Instance>{{instance.port(), instance.port()}},
                                  Proxy::Options{.request_timeout_ms = kForEver});
  std::vector<RawClient> strangers;
  // nginx closes some silent connections to make room; the clients reconnect.
  for (int round = 0; round < 4; ++round) {
    std::erase_if(strangers,
                  [](RawClient& client) { return client.IsClosedWithin(milliseconds(0)); });
    while (strangers.size() < Proxy::kConnections + 44) {
      strangers.emplace_back(proxy->port());
      strangers.back().Send("P");
    }
  }
  RawClient sender(proxy->port(), {.source = "127.0.0.2"});
  sender.Send(PostRequest("/callbacks/onfido", "{}"));
  const auto answer = sender.Read(seconds(20));
  EXPECT_EQ(answer ? answer->status : 0, 200);
}

TEST(NginxTest, CountsAllAddressesOfAnIpv6NetworkAsOne) {
  const StubInstance instance(Conduct::kStores);
  Proxy proxy(ProxyKind::kNginx, {{instance.port(), 0}}, {.request_timeout_ms = 60'000});
  const auto from = [&](const std::string& address, const std::string& bytes) {
    RawClient client(proxy.told_port());
    client.Send("PROXY TCP6 " + address + " ::1 1 1\r\n" + bytes);
    return client;
  };
  const auto is_served = [&](const std::string& address) {
    return from(address, PostRequest("/callbacks/onfido", "{}")).Read(seconds(20)).has_value();
  };
  std::vector<RawClient> strangers;
  // Line feeds within an address must count as ordinary bytes.
  for (int i = 0; i < Proxy::kConnectionsOfAnAddress; ++i) {
    strangers.push_back(from("2001:db8:a0a:a0a:" + std::to_string(i) + "::1", "P"));
  }
  EXPECT_TRUE(WaitUntil([&] { return !is_served("2001:db8:a0a:a0a:ffff::1"); }, seconds(20)));
  EXPECT_TRUE(is_served("2001:db8:a0a:a0b::1"));
}

TEST_P(ProxyTest, TimesOutASlowSender) {
  const StubInstance instance(Conduct::kStores);
  Start({&instance});
  // nginx closes the connection, HAProxy answers 408.
  const int expected = IsNginx() ? 0 : 408;
  RawClient slow_head(proxy->port());
  slow_head.Send("POST /callbacks/readid HTTP/1.1\r\nHost: a\r\n");
  RawClient slow_body(proxy->port());
  slow_body.Send("POST /callbacks/readid HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n{");
  for (RawClient* client : {&slow_head, &slow_body}) {
    const std::optional<RawAnswer> answer = client->Read(seconds(20));
    EXPECT_EQ(answer ? answer->status : 0, expected);
    EXPECT_TRUE(client->IsClosedWithin(seconds(20)));
  }
  EXPECT_EQ(instance.requests(), 0);
}

TEST_P(ProxyTest, LetsIngestDecideIfItCan) {
  // Has no broker, so ingest is not ready and its answers are transient.
  const ingest::RunningIngest ingest({.more = "max_body: 1KiB\n"});
  proxy = std::make_unique<Proxy>(
      GetParam(), std::vector<Proxy::Instance>{{ingest.port(), ingest.admin_port()}});
  const auto status_of = [&](const char* path, const std::string& secret, std::size_t size) {
    return StatusOf(PostRequest(path, std::string(size, 'x'), "Authorization: " + secret + "\r\n"));
  };
  EXPECT_EQ(status_of("/callbacks/onfido", "onfido-secret", 2), 503);
  EXPECT_EQ(status_of("/callbacks/readid", "readid-secret", 2), 429);
  EXPECT_EQ(status_of("/callbacks/typo", "readid-secret", 2), 429);
  for (const Sender& sender : kSenders) {
    if (std::string(sender.path).starts_with("/callbacks/connect")) continue;
    EXPECT_EQ(status_of(sender.path, "wrong", 2), 401) << sender.path;
    const int get = StatusOf(Request(sender.path, "", "", "GET"));
    EXPECT_EQ(get, sender.penalises ? 403 : 405) << sender.path;
  }
  EXPECT_EQ(status_of("/callbacks/readid", "readid-secret", 2000), 413);
  EXPECT_EQ(StatusOf(Request("/callbacks/readid", "Content-Length: 0\r\nX-Padding: " +
                                                      std::string(20'000, 'x') + "\r\n")),
            431);
  EXPECT_EQ(StatusOf(PostRequest("/elsewhere", "{}")), 404);
  EXPECT_THAT(proxy->Log(), Not(HasSubstr("readid-secret")));
}

TEST_P(ProxyTest, LogsStatusAndPathWithoutQueryOrSecret) {
  const StubInstance instance(Conduct::kStores);
  Start({&instance});
  const std::string secret = "Authorization: hunter2\r\n";
  EXPECT_EQ(StatusOf(PostRequest("/callbacks/onfido?hunter2=hunter2", "hunter2", secret)), 200);
  StartWithoutInstance();
  EXPECT_EQ(StatusOf(PostRequest("/callbacks/onfido?hunter2=hunter2", "hunter2", secret)), 503);
  EXPECT_TRUE(
      WaitUntil([&] { return proxy->Log().find("onfido") != std::string::npos; }, seconds(10)));
  EXPECT_THAT(proxy->Log(), HasSubstr("503"));
  EXPECT_THAT(proxy->Log(), Not(HasSubstr("hunter2")));
}

TEST_P(ProxyTest, ServesTlsOnIpv4AndIpv6) {
  const StubInstance instance(Conduct::kStores);
  Start({&instance});
  std::vector<std::string> hosts = {"127.0.0.1"};
  if (proxy->listens_on_ipv6()) hosts.emplace_back("[::1]");
  for (const std::string& host : hosts) {
    const auto sent = RunProgram(
        "/usr/bin/curl",
        {"-ksS", "--noproxy", "*", "-m", "20", "-d", "{}", "-w", "%{http_code} %{http_version}",
         "https://" + host + ":" + std::to_string(proxy->tls_port()) + "/callbacks/readid"},
        seconds(30));
    EXPECT_EQ(sent.output, "200 1.1") << host << ": " << sent.error_output << proxy->Log();
  }
}

INSTANTIATE_TEST_SUITE_P(Proxies, ProxyTest,
                         ::testing::Values(ProxyKind::kNginx, ProxyKind::kHaproxy),
                         [](const auto& kind) { return NameOf(kind.param); });

TEST(HaproxyTest, WaitsForASlowInstanceWhereTheSenderSendsOnce) {
  StubInstance slow(Conduct::kWaits);
  const Proxy proxy(ProxyKind::kHaproxy, {{slow.port(), slow.port()}});
  const auto post = [&](const char* path) {
    RawClient client(proxy.port());
    client.Send(PostRequest(path, "{}"));
    return client;
  };
  std::vector<RawClient> once;
  for (const char* path : {"/callbacks/paper", "/callbacks/connect/?a=b", "/callbacks/our-own"}) {
    once.push_back(post(path));
  }
  for (const char* path : {"/callbacks/onfido", "/callbacks/eid"}) {
    RawClient client = post(path);
    const auto answer = client.Read(seconds(20));
    EXPECT_EQ(answer ? answer->status : 0, 503) << path << " comes again";
  }
  slow.Proceed();
  for (RawClient& client : once) {
    const auto answer = client.Read(seconds(20));
    EXPECT_EQ(answer ? answer->status : 0, 200) << "the callback is stored";
  }
}

TEST(HaproxyTest, AvoidsAnUnreadyInstanceWhileAnotherIsReady) {
  StubInstance first(Conduct::kStores);
  StubInstance second(Conduct::kStores);
  Proxy proxy(ProxyKind::kHaproxy, {{first.port(), first.port()}, {second.port(), second.port()}});
  const auto post = [&] {
    RawClient client(proxy.port());
    client.Send(PostRequest("/callbacks/paper", "{}"));
    const std::optional<RawAnswer> answer = client.Read(seconds(20));
    return answer ? answer->status : 0;
  };
  first.SetReady(false);
  // Several requests in a row missed the first instance: it is out of rotation.
  const auto spares_the_first = [&] {
    const int before = first.requests();
    for (int number = 0; number < 4; ++number) EXPECT_EQ(post(), 200);
    return first.requests() == before;
  };
  EXPECT_TRUE(WaitUntil(spares_the_first, seconds(20)));
  second.SetReady(false);
  const int before = first.requests();
  EXPECT_TRUE(WaitUntil([&] { return post() == 200 && first.requests() > before; }, seconds(20)));
}

}  // namespace
}  // namespace tests
