// An answer belongs to its request: bytes beyond it are never taken for the next answer.
#include <gtest/gtest.h>

#include <string>

#include "tests/component/consumer/http/raw_server.h"
#include "tests/component/consumer/http/transport_fixture.h"

namespace consumer {
namespace {

using namespace std::chrono_literals;
using Then = RawServer::Then;

const std::string kSurplus = Answer(200, "SURPLUS");

class SurplusAnswers : public CurlTransportTest {
 protected:
  /// Waits until the surplus bytes of `server` have arrived.
  void AwaitSurplus() {
    const auto until = common::Deadline::After(300ms);
    while (!until.HasPassed()) transport.Wait({}, 20ms);
  }
};

TEST_F(SurplusAnswers, AreDroppedIfTheyComeWithAnAnswer) {
  const std::string chunked =
      "HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n";
  for (const std::string& first :
       {Answer(200, "{}"), chunked, std::string("HTTP/1.1 204 X\r\n\r\n")}) {
    SCOPED_TRACE(first);
    int count = 0;
    RawServer server([&](const std::string&) {
      return RawServer::Reply{++count == 1 ? first + kSurplus : Answer(200, "right")};
    });
    replies.clear();
    Fetch(Get(1, server.Url("/1")));
    AwaitSurplus();
    EXPECT_EQ(Fetch(Get(2, server.Url("/2"))).body, "right");
    EXPECT_EQ(Fetch(Get(3, server.Url("/3"))).body, "right");
  }
}

TEST_F(SurplusAnswers, CloseConnectionIfTheyComeAfterAnAnswer) {
  const TestCertificate certificate;
  for (const bool has_tls : {false, true}) {
    SCOPED_TRACE(has_tls);
    CurlTransport client{CurlSettings{.ca_file = has_tls ? certificate.file() : ""}};
    int count = 0;
    // The tail comes a byte every few milliseconds, for ever.
    RawServer server(
        [&](const std::string&) {
          if (++count > 1) return RawServer::Reply{Answer(200, "right")};
          return RawServer::Reply{Answer(200, "{}"), Then::kDripTail, kSurplus};
        },
        has_tls ? &certificate : nullptr);
    replies.clear();
    client.Start(Get(1, server.Url("/1")));
    Await(client, 1);
    EXPECT_EQ(replies[1].body, "{}");
    const auto until = common::Deadline::After(300ms);
    while (!until.HasPassed()) client.Wait({}, 20ms);
    for (std::uint64_t id = 2; id <= 4; ++id) {
      client.Start(Get(id, server.Url("/next")));
      Await(client, 1);
      EXPECT_EQ(replies[id].body, "right") << replies[id].error;
      EXPECT_EQ(replies[id].status, 200);
    }
    EXPECT_EQ(server.connections(), 2);
  }
}

TEST_F(SurplusAnswers, DoNotExtendTimeoutOfNextRequest) {
  int count = 0;
  RawServer server([&](const std::string&) {
    if (++count > 1) return RawServer::Reply{"", Then::kSayNothingMore};
    return RawServer::Reply{Answer(200, "{}"), Then::kDripTail, kSurplus};
  });
  Fetch(Get(1, server.Url("/1")));
  AwaitSurplus();
  HttpRequest request = Get(2, server.Url("/2"));
  request.timeout = 400ms;
  const HttpReply reply = Fetch(request);
  EXPECT_EQ(reply.fault, TransportFault::kTimeout);
  EXPECT_GE(reply.elapsed, 350ms);
  EXPECT_LT(reply.elapsed, 5s);
}

TEST_F(SurplusAnswers, AreNeverReadFromConnectionClosedForThem) {
  RawServer server([](const std::string&) { return RawServer::Reply{Answer(200, "{}")}; });
  const HttpReply first = Fetch(Get(1, server.Url("/1")));
  EXPECT_NE(first.connection, 0U);
  EXPECT_EQ(Fetch(Get(2, server.Url("/2"))).connection, first.connection) << "kept open";
  transport.CloseConnection(first.connection);
  transport.CloseConnection(12345);
  const HttpReply next = Fetch(Get(3, server.Url("/3")));
  EXPECT_EQ(next.status, 200) << next.error;
  EXPECT_NE(next.connection, first.connection);
  EXPECT_EQ(server.connections(), 2);
}

TEST_F(SurplusAnswers, DoNotDisturbOtherConnections) {
  RawServer server([](const std::string& request) {
    return RawServer::Reply{Answer(200, request.substr(5, request.find(' ', 5) - 5))};
  });
  std::uint64_t id = 0;
  for (int round = 0; round < 10; ++round) {
    replies.clear();
    const std::uint64_t first = id + 1;
    for (int i = 0; i < 20; ++i) {
      ++id;
      transport.Start(Get(id, server.Url("/" + std::to_string(id))));
    }
    Await(20);
    for (const auto& [number, reply] : replies) {
      EXPECT_EQ(reply.body, std::to_string(number)) << reply.error;
    }
    transport.CloseConnection(replies[first].connection);
  }
  EXPECT_LE(server.connections(), 20 + 10);
}

}  // namespace
}  // namespace consumer
