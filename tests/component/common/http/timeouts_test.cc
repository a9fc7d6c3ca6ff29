// Slow and silent clients, with limits short enough to wait for.

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "tests/component/common/http/scripted_service.h"
#include "tests/support/raw_client.h"
#include "tests/support/wait_until.h"

namespace common::http {
namespace {

using namespace std::chrono_literals;
using tests::PostRequest;
using tests::RawClient;
using Clock = std::chrono::steady_clock;

constexpr auto kLong = 60s;
// How much later than its limit something may come: a tick of 100 ms and a busy machine.
constexpr auto kLate = 1500ms;

ServerOptions OnlyLimit(std::chrono::milliseconds ServerOptions::*limit,
                        std::chrono::milliseconds value) {
  ServerOptions options;
  options.header_timeout = options.body_timeout = options.idle_timeout = kLong;
  options.answer_deadline = options.write_timeout = kLong;
  options.*limit = value;
  return options;
}

/// The answer to what the client drips, a byte each 20 ms, until one comes.
std::optional<tests::RawAnswer> Drip(RawClient& client, const std::string& bytes) {
  for (const char c : bytes) {
    client.Send(std::string_view(&c, 1));
    if (client.HearsWithin(20ms)) break;
  }
  return client.Read();
}

class Timeout : public testing::Test {
 protected:
  void ExpectElapsed(std::chrono::milliseconds least) const {
    const auto elapsed = Clock::now() - start_;
    EXPECT_GE(elapsed, least);
    EXPECT_LE(elapsed, least + kLate);
  }
  void Restart() { start_ = Clock::now(); }

 private:
  Clock::time_point start_ = Clock::now();
};

TEST_F(Timeout, ClosesSilentlyAConnectionThatNeverSentAByte) {
  RunningServer running(OnlyLimit(&ServerOptions::header_timeout, 200ms));
  RawClient client(running.port());
  EXPECT_TRUE(client.IsClosedWithin(5s));
  ExpectElapsed(200ms);
  EXPECT_EQ(client.ReadToEnd(), "");
  EXPECT_TRUE(running.service().reports().empty());
  EXPECT_EQ(running.server().stats().closed_idle, 1U);
}

TEST_F(Timeout, CountsEmptyLinesAsNothingSent) {
  RunningServer running(OnlyLimit(&ServerOptions::header_timeout, 200ms));
  RawClient client(running.port());
  client.Send("\r\n\r\n");
  EXPECT_TRUE(client.IsClosedWithin(5s));
  EXPECT_EQ(client.ReadToEnd(), "");
}

TEST_F(Timeout, AnswersADrippingHeadFromItsFirstByte) {
  RunningServer running(OnlyLimit(&ServerOptions::header_timeout, 300ms));
  RawClient client(running.port());
  const auto answer = Drip(client, "POST / HTTP/1.1\r\nHost: h\r\nX: " + std::string(500, 'x'));
  ASSERT_TRUE(answer);
  ExpectElapsed(300ms);
  EXPECT_EQ(answer->status, 408);
  EXPECT_EQ(answer->body, "head too slow");
  EXPECT_TRUE(client.IsClosedWithin());
}

TEST_F(Timeout, AnswersADrippingSecondHeadFromItsOwnFirstByte) {
  RunningServer running(OnlyLimit(&ServerOptions::header_timeout, 300ms));
  RawClient client(running.port());
  client.Send(PostRequest("/", "first"));
  ASSERT_TRUE(client.Read());
  EXPECT_FALSE(client.HearsWithin(500ms)) << "between requests the header limit does not run";
  Restart();
  const auto answer = Drip(client, "POST / HTTP/1.1\r\nX: " + std::string(500, 'x'));
  ASSERT_TRUE(answer);
  ExpectElapsed(300ms);
  EXPECT_EQ(answer->body, "head too slow");
}

TEST_F(Timeout, AnswersADrippingBodyFromTheEndOfItsHead) {
  RunningServer running(OnlyLimit(&ServerOptions::body_timeout, 300ms));
  RawClient client(running.port());
  client.Send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\n");
  const auto answer = Drip(client, std::string(500, 'x'));
  ASSERT_TRUE(answer);
  ExpectElapsed(300ms);
  EXPECT_EQ(answer->status, 408);
  EXPECT_EQ(answer->body, "body too slow");
  EXPECT_TRUE(client.IsClosedWithin());
  EXPECT_EQ(Describe(running.service().WaitForReports(1).at(0)), "408 fault=body too slow tag=2");
  EXPECT_EQ(running.server().stats().requests, 0U);
}

TEST_F(Timeout, AnswersAChunkedBodyThatNeverEnds) {
  RunningServer running(OnlyLimit(&ServerOptions::body_timeout, 300ms));
  RawClient client(running.port());
  client.Send("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
  const auto answer = client.Read();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->body, "body too slow");
}

TEST_F(Timeout, AnswersAClientThatWasToldToContinueAndDoesNot) {
  RunningServer running(OnlyLimit(&ServerOptions::body_timeout, 300ms));
  RawClient client(running.port());
  client.Send("POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
  auto answer = client.Read();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 100);
  answer = client.Read();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->body, "body too slow");
}

TEST_F(Timeout, ClosesSilentlyAnIdleConnection) {
  RunningServer running(OnlyLimit(&ServerOptions::idle_timeout, 300ms));
  RawClient client(running.port());
  client.Send(PostRequest("/", "x"));
  ASSERT_TRUE(client.Read());
  Restart();
  EXPECT_TRUE(client.IsClosedWithin(5s));
  ExpectElapsed(250ms);
  EXPECT_EQ(client.ReadToEnd(), "");
}

TEST_F(Timeout, EndsARefusedSlowBodyThatWasAnsweredAlready) {
  RunningServer running(OnlyLimit(&ServerOptions::body_timeout, 300ms));
  RawClient client(running.port());
  client.Send("POST /refuse HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\n");
  const auto answer = client.Read();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 503);
  EXPECT_TRUE(client.IsClosedWithin(5s));
  ExpectElapsed(300ms);
  EXPECT_EQ(client.ReadToEnd(), "");
  EXPECT_EQ(running.service().reports().size(), 1U);
}

TEST_F(Timeout, AnswersARequestInFlightAtTheDeadlineAndCountsTheLateCompletion) {
  RunningServer running(OnlyLimit(&ServerOptions::answer_deadline, 300ms));
  RawClient client(running.port());
  client.Send(PostRequest("/later", "x"));
  const auto ticket = running.service().TakeTicket();
  ASSERT_TRUE(ticket);
  auto answer = client.Read();
  ASSERT_TRUE(answer);
  ExpectElapsed(300ms);
  EXPECT_EQ(answer->status, 503);
  EXPECT_EQ(answer->body, "answer too late");
  EXPECT_EQ(running.service().abandoned(), 1);
  running.server().Complete(*ticket, {.body = "too late"});
  EXPECT_TRUE(tests::WaitUntil([&] { return running.server().stats().late_completions == 1; }, 5s));
  client.Send(PostRequest("/", "next"));
  answer = client.Read();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->body, "next");
  EXPECT_EQ(Describe(running.service().reports().at(0)), "503 fault=answer too late tag=2");
}

TEST_F(Timeout, AppliesTheAnswerDeadlineWhileReading) {
  RunningServer running(OnlyLimit(&ServerOptions::answer_deadline, 300ms));
  RawClient head(running.port());
  RawClient body(running.port());
  head.Send("POST / HTTP");
  body.Send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nx");
  auto answer = head.Read();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->body, "head too slow");
  answer = body.Read();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->body, "body too slow");
  ExpectElapsed(300ms);
}

TEST_F(Timeout, CountsAPipelinedRequestFromItsArrival) {
  RunningServer running(OnlyLimit(&ServerOptions::answer_deadline, 300ms));
  RawClient client(running.port());
  client.Send(PostRequest("/later", "first"));
  ASSERT_TRUE(running.service().TakeTicket());
  client.Send(PostRequest("/later", "second"));
  for (int i = 0; i < 2; ++i) {
    const auto answer = client.Read();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->body, "answer too late");
  }
  ExpectElapsed(300ms);  // not 600 ms: the second waited as long as the first
}

TEST_F(Timeout, LetsAClientCloseAtTheMomentOfIts408) {
  RunningServer running(OnlyLimit(&ServerOptions::header_timeout, 200ms));
  for (int round = 0; round < 2; ++round) {
    std::vector<RawClient> clients;
    for (int i = 0; i < 300; ++i) {
      clients.emplace_back(running.port());
      clients.back().Send("POST / HTTP/1.1\r\nHos");
    }
    // Spread over the ticks in which their time runs out.
    const auto first = Clock::now() + 150ms;
    for (std::size_t i = 0; i < clients.size(); ++i) {
      std::this_thread::sleep_until(first + i * 1ms);
      clients[i].Close();
    }
  }
  EXPECT_TRUE(tests::WaitUntil([&] { return running.server().stats().open_connections == 0; }, 5s));
  RawClient client(running.port());
  client.Send(PostRequest("/", "alive"));
  EXPECT_TRUE(client.Read());
}

}  // namespace
}  // namespace common::http
