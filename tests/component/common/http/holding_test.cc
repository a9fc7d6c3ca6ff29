// The server counts the bytes of incomplete requests, asks the service before it keeps them, and
// gives them back.

#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "tests/component/common/http/scripted_service.h"
#include "tests/support/raw_client.h"
#include "tests/support/wait_until.h"

namespace common::http {
namespace {

using namespace std::chrono_literals;
using tests::PostRequest;
using tests::RawClient;

class HoldingTest : public ::testing::Test {
 protected:
  [[nodiscard]] bool WaitUntilHeld(std::size_t least, std::size_t most) {
    return tests::WaitUntil(
        [&] { return running.service().held() >= least && running.service().held() <= most; }, 10s,
        1ms);
  }
  /// And no request is being received.
  [[nodiscard]] bool WaitUntilNothingIsHeld() {
    return WaitUntilHeld(0, 0) && WaitUntilReceiving(0);
  }
  [[nodiscard]] bool WaitUntilReceiving(int count) {
    return tests::WaitUntil([&] { return running.service().receiving() == count; }, 10s, 1ms);
  }

  /// A client that has sent the head and the first `sent` bytes of a body of `length`.
  RawClient Sending(std::size_t length, std::size_t sent, const std::string& path = "/") {
    RawClient client(running.port());
    const std::string request = PostRequest(path, std::string(length, 'b'));
    client.Send(request.substr(0, request.size() - length + sent));
    return client;
  }

  RunningServer running;
};

TEST_F(HoldingTest, CountsNothingForARequestThatComesInOnePiece) {
  RawClient client(running.port());
  client.Send(PostRequest("/", std::string(10'000, 'b')));
  ASSERT_TRUE(client.Read());
  EXPECT_EQ(running.service().most_held(), 0U);
}

TEST_F(HoldingTest, CountsIncompleteBodyUntilItIsComplete) {
  RawClient client = Sending(100'000, 40'000);
  ASSERT_TRUE(WaitUntilHeld(40'000, 90'000));
  client.Send(std::string(60'000, 'b'));
  const auto answer = client.Read();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->body, std::string(100'000, 'b'));
  EXPECT_EQ(running.service().held(), 0U);
}

TEST_F(HoldingTest, ReportsEndOfReceptionOfEachAdmittedRequest) {
  RawClient slow = Sending(100'000, 0);
  RawClient leaving = Sending(100'000, 40'000);
  RawClient refused = Sending(100'000, 0, "/refuse");
  ASSERT_TRUE(WaitUntilReceiving(2));
  leaving.Abort();
  EXPECT_TRUE(WaitUntilReceiving(1));
  slow.Send(std::string(100'000, 'b'));
  EXPECT_TRUE(slow.Read());
  EXPECT_EQ(running.service().receiving(), 0);
}

TEST_F(HoldingTest, TellsThatItWasReceivedBeforeItIsHandled) {
  RawClient client(running.port());
  client.Send(PostRequest("/later", "x"));
  ASSERT_TRUE(running.service().TakeTicket());
  EXPECT_EQ(running.service().receiving(), 0);
}

TEST_F(HoldingTest, CountsIncompleteHead) {
  RawClient client(running.port());
  client.Send("POST / HTTP/1.1\r\nHost: a\r\nX-Long: " + std::string(5'000, 'x'));
  ASSERT_TRUE(WaitUntilHeld(5'000, 20'000));
  client.Send("\r\nContent-Length: 0\r\n\r\n");
  ASSERT_TRUE(client.Read());
  EXPECT_EQ(running.service().held(), 0U);
}

TEST_F(HoldingTest, ReleasesBytesOfClientThatLeft) {
  for (const auto leave : {&RawClient::Abort, &RawClient::HalfClose, &RawClient::Close}) {
    RawClient client = Sending(100'000, 40'000);
    ASSERT_TRUE(WaitUntilHeld(40'000, 90'000));
    (client.*leave)();
    EXPECT_TRUE(WaitUntilNothingIsHeld());
  }
}

TEST_F(HoldingTest, ClosesAfterBodyOverByteBudget) {
  running.service().LimitHeld(200'000);
  RawClient first = Sending(90'000, 40'000);
  ASSERT_TRUE(WaitUntilHeld(40'000, 90'000));
  RawClient second = Sending(1'000'000, 900'000);
  const auto refusal = second.Read();
  ASSERT_TRUE(refusal);
  EXPECT_EQ(refusal->status, 503);
  EXPECT_EQ(refusal->body, "overloaded");
  EXPECT_EQ(refusal->Field("Connection"), "close");
  EXPECT_TRUE(second.IsClosedWithin());
  EXPECT_EQ(Describe(running.service().WaitForReports(1).at(0)), "503 fault=overloaded tag=2");
  first.Send(std::string(50'000, 'b'));
  EXPECT_TRUE(first.Read()) << "who is within is served";
  EXPECT_LE(running.service().most_held(), 200'000U);
  EXPECT_TRUE(WaitUntilNothingIsHeld());
}

TEST_F(HoldingTest, RefusesChunkedBodyBeyondGrant) {
  running.service().LimitHeld(100'000);
  RawClient client(running.port());
  client.Send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
  for (int i = 0; i < 20; ++i) client.Send("4e20\r\n" + std::string(20'000, 'b') + "\r\n");
  const auto refusal = client.Read();
  ASSERT_TRUE(refusal);
  EXPECT_EQ(refusal->status, 503);
  EXPECT_TRUE(WaitUntilNothingIsHeld());
}

TEST_F(HoldingTest, RefusesHeadBeyondGrantWithoutTag) {
  running.service().LimitHeld(1'000);
  RawClient client(running.port());
  client.Send("POST / HTTP/1.1\r\nHost: a\r\nX-Long: " + std::string(5'000, 'x'));
  ASSERT_TRUE(client.Read());
  EXPECT_TRUE(client.IsClosedWithin());
  EXPECT_EQ(Describe(running.service().WaitForReports(1).at(0)), "503 fault=overloaded");
}

TEST_F(HoldingTest, AsksForNothingMoreWhenItMayNotEvenContinue) {
  running.service().LimitHeld(0);
  RawClient client(running.port());
  client.Send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
  const auto answer = client.Read();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 503) << "and no 100 before it";
}

TEST_F(HoldingTest, GivesTheHeadOfARefusedRequestBackBeforeItsBodyIsThere) {
  RawClient client(running.port());
  client.Send("POST /refuse HTTP/1.1\r\nHost: a\r\nX-Long: " + std::string(5'000, 'x'));
  ASSERT_TRUE(WaitUntilHeld(5'000, 20'000));
  client.Send("\r\nContent-Length: 5000\r\n\r\nbody");
  ASSERT_TRUE(client.Read());
  EXPECT_TRUE(WaitUntilNothingIsHeld());
  client.Send(std::string(4'996, 'b') + PostRequest("/", "next"));
  const auto next = client.Read();
  ASSERT_TRUE(next);
  EXPECT_EQ(next->body, "next");
}

TEST_F(HoldingTest, GivesTheHeadOfARefusedRequestWithoutABodyBack) {
  RawClient client(running.port());
  client.Send("GET /refuse HTTP/1.1\r\nHost: a\r\nX-Long: " + std::string(5'000, 'x'));
  ASSERT_TRUE(WaitUntilHeld(5'000, 20'000));
  client.Send("\r\n\r\n");
  ASSERT_TRUE(client.Read());
  EXPECT_TRUE(WaitUntilNothingIsHeld()) << "the connection stays, and may be idle for a minute";
}

TEST_F(HoldingTest, GivesKeptRequestsBackThatAreRefusedWhenTheirTurnComes) {
  RawClient client(running.port());
  client.Send(PostRequest("/later", "x") + PostRequest("/refuse", std::string(20'000, 'b')));
  const auto ticket = running.service().TakeTicket();
  ASSERT_TRUE(ticket);
  ASSERT_TRUE(WaitUntilHeld(20'000, 90'000));
  running.server().Complete(*ticket, {.body = "first"});
  EXPECT_EQ(client.Read().value().body, "first");
  EXPECT_EQ(client.Read().value().body, "refused");
  EXPECT_TRUE(WaitUntilNothingIsHeld());
  client.Send(PostRequest("/", "next"));
  EXPECT_EQ(client.Read().value().body, "next");
}

TEST(HoldingOfLateRequests, EndsOnceTheyAreAnsweredUnhandled) {
  RunningServer running({.answer_deadline = 300ms});
  RawClient client(running.port());
  client.Send(PostRequest("/later", "x") + PostRequest("/", std::string(20'000, 'b')));
  ASSERT_TRUE(running.service().TakeTicket());
  EXPECT_EQ(client.Read().value().body, "answer too late");
  EXPECT_EQ(client.Read().value().body, "answer too late");
  EXPECT_TRUE(tests::WaitUntil([&] { return running.service().held() == 0; }, 10s, 1ms));
}

TEST_F(HoldingTest, CountsPipelinedRequestsWhileTheFirstIsInFlight) {
  RawClient client(running.port());
  client.Send(PostRequest("/later", "x") + PostRequest("/", std::string(20'000, 'b')));
  const auto ticket = running.service().TakeTicket();
  ASSERT_TRUE(ticket);
  EXPECT_TRUE(WaitUntilHeld(1, 40'000));
  running.server().Complete(*ticket, {.body = "first"});
  EXPECT_EQ(client.Read().value().body, "first");
  EXPECT_EQ(client.Read().value().body, std::string(20'000, 'b'));
  EXPECT_EQ(running.service().held(), 0U);
}

TEST_F(HoldingTest, EndsTheConnectionWithTheAnswerWherePipelinedRequestsMayNotBeKept) {
  running.service().LimitHeld(0);
  RawClient client(running.port());
  client.Send(PostRequest("/later", "x") + PostRequest("/", std::string(20'000, 'b')));
  const auto ticket = running.service().TakeTicket();
  ASSERT_TRUE(ticket);
  running.server().Complete(*ticket, {.body = "first"});
  const auto first = client.Read();
  ASSERT_TRUE(first);
  EXPECT_EQ(first->body, "first");
  EXPECT_EQ(first->Field("Connection"), "close");
  EXPECT_FALSE(client.Read());
  EXPECT_EQ(running.server().stats().requests, 1U);
}

TEST_F(HoldingTest, IsEvenAgainAfterAnythingThatClientsDo) {
  running.service().LimitHeld(60'000);
  std::vector<RawClient> clients;
  for (int i = 0; i < 60; ++i) {
    switch (i % 6) {
      case 0:
        clients.push_back(Sending(30'000, 10'000));
        break;
      case 1:
        clients.push_back(Sending(30'000, 29'999));
        clients.back().Send("b" + PostRequest("/later", std::string(3'000, 'p')));
        break;
      case 2:
        clients.push_back(Sending(30'000, 1, "/refuse"));
        break;
      case 3:
        clients.push_back(Sending(30'000, 10'000));
        clients.back().Abort();
        break;
      case 4:
        clients.emplace_back(running.port());
        clients.back().Send("POST / HTTP/1.1\r\nX-Long: " + std::string(2'000, 'x'));
        break;
      default:
        clients.push_back(Sending(2'000'000, 100'000));
        break;
    }
  }
  clients.clear();
  EXPECT_TRUE(WaitUntilNothingIsHeld()) << running.service().held();
  EXPECT_LE(running.service().most_held(), 60'000U);
}

}  // namespace
}  // namespace common::http
