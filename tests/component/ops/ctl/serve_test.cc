// `sluicectl serve` over real sockets, without Kafka.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <memory>
#include <string>
#include <vector>

#include "tests/harness/served_page.h"
#include "tests/support/http_client.h"
#include "tests/support/raw_client.h"
#include "tests/support/wait_until.h"

namespace tests {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;

/// Nobody listens there.
constexpr const char* kNoKafka = "127.0.0.1:9";

class Serve : public testing::Test {
 protected:
  std::uint16_t port() const {
    const std::string origin = page_.origin();
    return static_cast<std::uint16_t>(std::stoi(origin.substr(origin.rfind(':') + 1)));
  }
  std::string Host() const { return "127.0.0.1:" + std::to_string(port()); }

  HttpAnswer Ask(const std::string& path, HttpFields fields = {}, const std::string& method = "GET",
                 const std::string& body = {}) {
    return Send({.url = page_.origin() + path,
                 .method = method,
                 .fields = std::move(fields),
                 .body = body,
                 .limit = seconds(90)});
  }
  /// A request as bytes; `fields` each with their CRLF.
  std::string Raw(const std::string& target, const std::string& fields = {}) const {
    return "GET " + target + " HTTP/1.1\r\nHost: " + Host() + "\r\n" + fields + "\r\n";
  }

  ServedPage page_{{"--bootstrap", kNoKafka, "--allow-redrive"}};
};

TEST_F(Serve, PrintsNothingButItsAddress) {
  EXPECT_THAT(page_.process().StandardOutput(),
              MatchesRegex("http://127\\.0\\.0\\.1:[0-9]+/\\?token=[0-9a-f]{64}\n"));
  EXPECT_EQ(page_.process().StandardError(), "");
}

TEST_F(Serve, OpensOnceForItsToken) {
  EXPECT_EQ(Ask("/").status, 401);
  EXPECT_EQ(Ask("/?token=0123456789abcdef").status, 401);
  const HttpAnswer welcome = Get(page_.url());
  EXPECT_EQ(welcome.status, 303);
  EXPECT_EQ(welcome.Field("Location"), "/");
  EXPECT_THAT(welcome.Field("Set-Cookie"),
              MatchesRegex("sluice_" + std::to_string(port()) +
                           "=[0-9a-f]{64}; Path=/; HttpOnly; SameSite=Strict"));
  EXPECT_THAT(welcome.Field("Set-Cookie"),
              Not(HasSubstr(page_.url().substr(page_.url().find('=') + 1))));
  EXPECT_EQ(Get(page_.url()).status, 401);
  const std::string cookie =
      welcome.Field("Set-Cookie").substr(0, welcome.Field("Set-Cookie").find(';'));
  EXPECT_EQ(Ask("/", {{"Cookie", cookie}}).status, 200);
  EXPECT_EQ(Ask("/api/page", {{"Cookie", cookie}}).status, 200);
}

TEST_F(Serve, RefusesStrangers) {
  const std::string cookie = page_.LogIn();
  const auto status = [&](HttpFields fields) {
    fields.emplace_back("Cookie", cookie);
    return Ask("/app.js", std::move(fields)).status;
  };
  EXPECT_EQ(status({}), 200);
  EXPECT_EQ(status({{"Host", "rebound.example:" + std::to_string(port())}}), 403);
  EXPECT_EQ(status({{"Origin", "http://127.0.0.1:1"}}), 403);
  EXPECT_EQ(status({{"Origin", "http://" + Host()}}), 200);
  EXPECT_EQ(status({{"Sec-Fetch-Site", "same-site"}}), 403);

  const HttpFields json{{"Cookie", cookie}, {"Content-Type", "application/json"}};
  EXPECT_EQ(Ask("/api/redrive", json, "POST", "{}").status, 403);
  HttpFields own = json;
  own.emplace_back("Origin", page_.origin());
  EXPECT_EQ(Ask("/api/redrive", own, "POST", "{}").status, 400);
  EXPECT_EQ(Ask("/api/redrive", own, "GET").status, 405);
}

// The name of the cookie differs by the port, its value by the run.
TEST_F(Serve, ForgetsTheCookieOfAnEarlierRun) {
  const std::string cookie = page_.LogIn();
  const ServedPage next({"--bootstrap", kNoKafka});
  const std::string port = next.origin().substr(next.origin().rfind(':') + 1);
  static_cast<void>(next.LogIn());
  const HttpFields fields{{"Cookie", "sluice_" + port + cookie.substr(cookie.find('='))}};
  EXPECT_EQ(Send({.url = next.origin() + "/", .fields = fields}).status, 401);
}

TEST_F(Serve, BoundsHeadsAndBodies) {
  const std::string cookie = page_.LogIn();
  RawClient head(port());
  ASSERT_TRUE(head.Send(Raw("/", "X: " + std::string(17 * 1024, 'x') + "\r\n")));
  const auto refused = head.Read();
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->status, 431);
  EXPECT_THAT(refused->Field("Content-Security-Policy"), HasSubstr("default-src 'none'"));

  const HttpFields fields{{"Cookie", cookie},
                          {"Origin", page_.origin()},
                          {"Content-Type", "application/json"},
                          {"Expect", ""}};
  EXPECT_EQ(Ask("/api/redrive", fields, "POST", std::string(64 * 1024 + 1, '[')).status, 413);
  EXPECT_EQ(Ask("/api/redrive", fields, "POST", std::string(64 * 1024, '[')).status, 400);
}

TEST_F(Serve, ClosesConnectionsThatNeverAsk) {
  RawClient slow(port());
  ASSERT_TRUE(slow.Send("GET / HTTP/1.1\r\nHost: "));
  RawClient silent(port());
  EXPECT_TRUE(slow.IsClosedWithin(seconds(60)));
  EXPECT_TRUE(silent.IsClosedWithin(seconds(60)));
}

TEST_F(Serve, AnswersThoughStrangersHoldAThousandConnections) {
  const std::string cookie = page_.LogIn();
  std::vector<std::unique_ptr<RawClient>> strangers;
  for (int i = 0; i < 1000; ++i) strangers.push_back(std::make_unique<RawClient>(port()));
  EXPECT_TRUE(WaitUntil([&] { return Ask("/", {{"Cookie", cookie}}).status == 200; }, seconds(60)));
}

TEST_F(Serve, TellsThatKafkaIsAway) {
  const HttpFields fields{{"Cookie", page_.LogIn()}};
  const HttpAnswer answer = Ask("/api/trace?id=p", fields);
  EXPECT_EQ(answer.status, 503);
  EXPECT_THAT(answer.body, HasSubstr("no broker answers at 127.0.0.1:9"));
  EXPECT_NE(answer.Field("Retry-After"), "");
  // Routes that need no Kafka answer.
  EXPECT_THAT(Ask("/api/providers", fields).body, HasSubstr("every 1h, 24 times"));
}

TEST_F(Serve, PreparesFourAnswersAtATime) {
  const std::string request = Raw("/api/status", "Cookie: " + page_.LogIn() + "\r\n");
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 5; ++i) {
    clients.push_back(std::make_unique<RawClient>(port()));
    ASSERT_TRUE(clients.back()->Send(request));
  }
  // Whichever of them comes last.
  int busy = 0;
  for (const auto& client : clients) {
    const auto answer = client->Read(seconds(90));
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 503);
    if (answer->body.find("busy with other answers") != std::string::npos) ++busy;
  }
  EXPECT_EQ(busy, 1);
}

// A reload abandons the page's requests; the server still prepares their answers.
TEST_F(Serve, OpensWhileFourAnswersAreBeingPrepared) {
  const HttpFields fields{{"Cookie", page_.LogIn()}};
  const std::string request = Raw("/api/status", "Cookie: " + fields[0].second + "\r\n");
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 5; ++i) {
    clients.push_back(std::make_unique<RawClient>(port()));
    ASSERT_TRUE(clients.back()->Send(request));
  }
  // The first answer tells one of them that the page is busy with the others.
  ASSERT_TRUE(WaitUntil(
      [&] {
        return std::ranges::any_of(
            clients, [](const auto& client) { return client->HearsWithin(milliseconds(1)); });
      },
      seconds(60)));
  EXPECT_EQ(Ask("/api/page", fields).status, 200);
}

TEST_F(Serve, EndsAtOnceThoughAnswersAreBeingPrepared) {
  const std::string request = Raw("/api/dead", "Cookie: " + page_.LogIn() + "\r\n");
  RawClient client(port());
  ASSERT_TRUE(client.Send(request));
  ASSERT_FALSE(client.HearsWithin(milliseconds(1)));
  EXPECT_EQ(page_.process().Terminate(seconds(30)), 0);
}

// Nobody could open it, and somebody would believe that it runs.
TEST(ServeCommand, EndsIfItsAddressCannotBePrinted) {
  const Finished finished = RunProgram(
      "/bin/sh",
      {"-c", "exec \"$0\" serve --bootstrap 127.0.0.1:9 >/dev/full", Binary("sluicectl")},
      seconds(30));
  EXPECT_EQ(finished.status, 1);
  EXPECT_EQ(finished.error_output, "sluicectl: cannot print the address of the page\n");
}

TEST(ServeCommand, EndsIfThePortIsTaken) {
  const ServedPage page({"--bootstrap", kNoKafka});
  const Finished second = RunProgram(
      Binary("sluicectl"), {"serve", "--bootstrap", kNoKafka, "--listen", page.origin().substr(7)},
      seconds(30));
  EXPECT_EQ(second.status, 1);
  EXPECT_EQ(second.output, "");
  EXPECT_THAT(second.error_output, HasSubstr("sluicectl: "));
}

}  // namespace
}  // namespace tests
