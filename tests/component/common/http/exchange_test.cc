// Requests and answers on well-behaved connections.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/component/common/http/scripted_service.h"
#include "tests/support/raw_client.h"
#include "tests/support/wait_until.h"

namespace common::http {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using tests::PostRequest;
using tests::RawClient;

std::vector<std::string> Described(const std::vector<AnswerReport>& reports) {
  std::vector<std::string> text;
  for (const AnswerReport& report : reports) text.push_back(Describe(report));
  return text;
}

class Exchange : public testing::Test {
 protected:
  RunningServer running_;
  RawClient client_{running_.port()};
};

TEST_F(Exchange, AnswersOnOneConnectionAgainAndAgain) {
  for (int i = 0; i < 100; ++i) {
    client_.Send(PostRequest("/", std::to_string(i)));
    const auto answer = client_.Read();
    ASSERT_TRUE(answer);
    ASSERT_EQ(answer->body, std::to_string(i));
  }
  EXPECT_EQ(running_.server().stats().connections_accepted, 1U);
  EXPECT_EQ(running_.server().stats().requests, 100U);
}

TEST_F(Exchange, WritesAnAnswerWithTypeAndLengthAndWithoutConnectionField) {
  client_.Send(PostRequest("/", "abc"));
  const auto answer = client_.Read();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->head, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 3");
}

TEST_F(Exchange, SaysThatItClosesWhenItCloses) {
  client_.Send(PostRequest("/", "abc", "Connection: close\r\n"));
  const auto answer = client_.Read();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->Field("Connection"), "close");
  EXPECT_TRUE(client_.IsClosedWithin());
}

TEST_F(Exchange, ClosesWhenTheServiceWantsIt) {
  client_.Send(PostRequest("/close", "abc"));
  const auto answer = client_.Read();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->Field("Connection"), "close");
  EXPECT_TRUE(client_.IsClosedWithin());
}

TEST_F(Exchange, TellsAnHttp10ClientThatItIsKept) {
  client_.Send("POST / HTTP/1.0\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\na");
  const auto answer = client_.Read();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->Field("Connection"), "keep-alive");
  EXPECT_FALSE(client_.HearsWithin(20ms));
}

TEST_F(Exchange, SendsNoBodyToHeadButItsLength) {
  client_.Send("HEAD /close HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc");
  const auto answer = client_.Read(5s, true);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->Field("Content-Length"), "3");
  EXPECT_EQ(client_.ReadToEnd(), "");
}

TEST_F(Exchange, AnswersPipelinedRequestsInOrderAndOneAtATime) {
  client_.Send(PostRequest("/later", "first") + PostRequest("/later", "second") +
               PostRequest("/", "third"));
  const auto first = running_.service().TakeTicket();
  ASSERT_TRUE(first);
  EXPECT_EQ(running_.server().stats().requests, 1U) << "the second waits for its turn";
  running_.server().Complete(*first, {.body = "1"});
  const auto second = running_.service().TakeTicket();
  ASSERT_TRUE(second);
  running_.server().Complete(*second, {.body = "2"});
  std::string bodies;
  for (int i = 0; i < 3; ++i) {
    const auto answer = client_.Read();
    ASSERT_TRUE(answer);
    bodies += answer->body + " ";
  }
  EXPECT_EQ(bodies, "1 2 third ");
}

TEST_F(Exchange, ReadsOnWhenRequestsCameWhileOneWasInFlight) {
  client_.Send(PostRequest("/later", "first"));
  const auto first = running_.service().TakeTicket();
  ASSERT_TRUE(first);
  client_.Send(PostRequest("/", "second"));
  client_.Send(PostRequest("/", "third"));
  EXPECT_FALSE(client_.HearsWithin(50ms));
  running_.server().Complete(*first, {.body = "first"});
  for (const char* expected : {"first", "second", "third"}) {
    const auto answer = client_.Read();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->body, expected);
  }
}

TEST_F(Exchange, AnswersManyPipelinedRequests) {
  constexpr int kRequests = 3000;  // several times as much as is read at once
  std::string all;
  for (int i = 0; i < kRequests; ++i) all += PostRequest("/", std::to_string(i));
  std::size_t sent = 0;
  for (int i = 0; i < kRequests; ++i) {
    sent += client_.SendSome(std::string_view(all).substr(sent));
    const auto answer = client_.Read();
    ASSERT_TRUE(answer);
    ASSERT_EQ(answer->body, std::to_string(i));
  }
}

TEST_F(Exchange, AnswersAHalfClosedClientFromAnotherThread) {
  client_.Send(PostRequest("/later", "x"));
  client_.HalfClose();
  const auto ticket = running_.service().TakeTicket();
  ASSERT_TRUE(ticket);
  EXPECT_FALSE(client_.HearsWithin(50ms));
  EXPECT_TRUE(tests::WaitUntil([&] { return running_.service().left() == 1; }, 20s));
  running_.server().Complete(*ticket, {.body = "late but there"});
  const auto answer = client_.Read();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->body, "late but there");
  EXPECT_TRUE(client_.IsClosedWithin());
}

TEST_F(Exchange, NotifiesServiceOnceOfAClientThatDoesNotWaitForItsAnswer) {
  const auto left = [&](int count) {
    return tests::WaitUntil([&] { return running_.service().left() == count; }, 20s);
  };
  client_.Send(PostRequest("/", "x") + PostRequest("/later", "x"));
  ASSERT_TRUE(running_.service().TakeTicket());
  EXPECT_EQ(running_.service().left(), 0);
  client_.HalfClose();
  EXPECT_TRUE(left(1));
  client_.Abort();
  const auto is_closed = [&] { return running_.server().stats().closed_in_flight == 1; };
  EXPECT_TRUE(tests::WaitUntil(is_closed, 20s));
  EXPECT_EQ(running_.service().left(), 1);

  RawClient sending(running_.port());
  sending.Send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nabc");
  ASSERT_TRUE(tests::WaitUntil([&] { return running_.service().receiving() == 1; }, 20s));
  sending.Abort();
  EXPECT_TRUE(left(2));
  RawClient answered(running_.port());
  answered.Send(PostRequest("/", "x"));
  ASSERT_TRUE(answered.Read());
  answered.Abort();
  const auto all_are_gone = [&] { return running_.server().stats().open_connections == 0; };
  EXPECT_TRUE(tests::WaitUntil(all_are_gone, 20s));
  EXPECT_EQ(running_.service().left(), 2) << "it had its answer";
}

TEST_F(Exchange, NotifiesServiceOfDisconnect) {
  ServerOptions options;
  options.leaves_at_end_of_input = true;
  RunningServer running(options);
  RawClient client(running.port());
  client.Send(PostRequest("/later", "x"));
  const auto ticket = running.service().TakeTicket();
  ASSERT_TRUE(ticket);
  EXPECT_EQ(running.service().abandoned(), 0);
  client.HalfClose();
  EXPECT_TRUE(client.IsClosedWithin());
  EXPECT_TRUE(tests::WaitUntil([&] { return running.service().abandoned() == 1; }, 20s));
  running.server().Complete(*ticket, {.body = "too late"});
  EXPECT_TRUE(
      tests::WaitUntil([&] { return running.server().stats().late_completions == 1; }, 20s));
}

TEST_F(Exchange, AnswersABodyThatEndsEarly) {
  client_.Send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nabc");
  client_.HalfClose();
  const auto answer = client_.Read();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->body, "body too slow");
  EXPECT_TRUE(client_.IsClosedWithin());
  EXPECT_EQ(running_.server().stats().requests, 0U);
}

TEST_F(Exchange, ReportsEachAnswerOnceWithItsTagAndFault) {
  client_.Send(PostRequest("/", "a") + PostRequest("/refuse", "b") + PostRequest("/throw", "c") +
               "garbage\r\n");
  client_.ReadToEnd();
  const auto reports = running_.service().WaitForReports(4);
  EXPECT_THAT(Described(reports), ElementsAre("200 tag=2", "503 tag=1", "503 fault=internal tag=2",
                                              "400 fault=malformed"));
  EXPECT_GT(reports[0].since_head.count(), 0);
  EXPECT_EQ(reports[3].since_head.count(), 0);
  EXPECT_EQ(reports[2].ticket.request, 3U);
  EXPECT_EQ(reports[3].ticket.request, kNoRequest) << "it is not the request before it";
}

TEST_F(Exchange, SurvivesAServiceThatThrows) {
  client_.Send(PostRequest("/throw", "a"));
  auto answer = client_.Read();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->body, "internal");
  client_.Send(PostRequest("/throw-admit", "a"));
  answer = client_.Read();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->body, "internal");
  EXPECT_TRUE(client_.IsClosedWithin());
  EXPECT_EQ(running_.server().stats().service_exceptions, 2U);
}

TEST_F(Exchange, GoesOnAfterARefusedRequestWithAShortBody) {
  client_.Send(PostRequest("/refuse", std::string(60'000, 'x')) + PostRequest("/", "next"));
  auto answer = client_.Read();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->body, "refused");
  EXPECT_EQ(answer->Field("Connection"), "");
  answer = client_.Read();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->body, "next");
}

TEST_F(Exchange, GoesOnAfterARefusedChunkedRequest) {
  client_.Send(
      "POST /refuse HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
  auto answer = client_.Read();
  ASSERT_TRUE(answer) << "a refusal does not wait for the body";
  EXPECT_EQ(answer->body, "refused");
  client_.Send("0\r\n\r\n" + PostRequest("/", "next"));
  answer = client_.Read();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->body, "next");
}

TEST_F(Exchange, GoesOnAfterARefusedRequestWithoutBody) {
  client_.Send("DELETE / HTTP/1.1\r\nHost: h\r\n\r\n" + PostRequest("/", "next"));
  auto answer = client_.Read();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 405);
  answer = client_.Read();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->body, "next");
}

/// Sends a body of that size and only then looks for the answer, although it comes before. A reset
/// meanwhile would show as a failure to send.
std::optional<tests::RawAnswer> SendAllThenRead(RawClient& client, const std::string& path,
                                                std::size_t size) {
  client.Send("POST " + path + " HTTP/1.1\r\nHost: h\r\nContent-Length: " + std::to_string(size) +
              "\r\n\r\n");
  EXPECT_TRUE(client.HearsWithin(5s));
  const std::string piece(50'000, 'x');
  for (std::size_t sent = 0; sent < size; sent += piece.size()) {
    EXPECT_TRUE(client.Send(std::string_view(piece).substr(0, size - sent))) << sent;
  }
  return client.Read();
}

TEST_F(Exchange, LetsAClientThatSendsALongRefusedBodySeeTheRefusal) {
  const auto answer = SendAllThenRead(client_, "/refuse", 900'000);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->body, "refused");
  EXPECT_EQ(answer->Field("Connection"), "close");
  EXPECT_TRUE(client_.IsClosedWithin());
}

TEST_F(Exchange, LetsAClientThatSendsABodyBeyondTheLimitSeeTheAnswer) {
  const auto answer = SendAllThenRead(client_, "/", 1'048'577);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 413);
  EXPECT_TRUE(client_.IsClosedWithin());
}

TEST_F(Exchange, AcceptsTheLargestBodySizedAndChunked) {
  const std::string body(1'048'576, 'x');
  client_.Send(PostRequest("/", body));
  auto answer = client_.Read();
  ASSERT_TRUE(answer);
  EXPECT_TRUE(answer->body == body);
  client_.Send("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
  for (int i = 0; i < 64; ++i) client_.Send("4000\r\n" + body.substr(0, 0x4000) + "\r\n");
  client_.Send("0\r\n\r\n");
  answer = client_.Read();
  ASSERT_TRUE(answer);
  EXPECT_TRUE(answer->body == body);
}

TEST_F(Exchange, RefusesInsteadOfContinuing) {
  client_.Send(
      "POST /refuse HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nExpect: "
      "100-continue\r\n\r\n");
  const auto answer = client_.Read();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 503);
  EXPECT_TRUE(client_.IsClosedWithin());
}

TEST_F(Exchange, DoesNotContinueABodyBeyondTheLimit) {
  client_.Send(
      "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1048577\r\nExpect: "
      "100-continue\r\n\r\n");
  const auto answer = client_.Read();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 413);
  EXPECT_TRUE(client_.IsClosedWithin());
}

TEST_F(Exchange, ContinuesAChunkedBodyToo) {
  client_.Send(
      "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nExpect: "
      "100-CONTINUE\r\n\r\n");
  auto answer = client_.Read();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 100);
  client_.Send("2\r\nab\r\n0\r\n\r\n");
  answer = client_.Read();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->body, "ab");
}

}  // namespace
}  // namespace common::http
