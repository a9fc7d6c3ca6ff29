#include "consumer/http/curl_transport.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <map>
#include <thread>

#include "common/base/deadline.h"
#include "common/base/fd.h"
#include "consumer/http/curl_fault.h"
#include "tests/component/consumer/http/raw_server.h"
#include "tests/component/consumer/http/transport_fixture.h"

namespace consumer {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;
using Then = RawServer::Then;

/// 100 000 times the letter x, gzipped.
std::string Gzipped() {
  std::string bytes(
      "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xed\xc1\x31\x01\x00\x00\x00\xc2\xa0\xda\x8b\x6f\x0d"
      "\x0f\xa0",
      25);
  bytes.append(96, '\0');
  return bytes.append("\x80\x57\x03\x71\x11\x07\xfe\xa0\x86\x01\x00", 11);
}

TEST_F(CurlTransportTest, SendsRequestAndReturnsAnswer) {
  std::string seen;
  RawServer server([&](const std::string& request) {
    seen = request;
    return RawServer::Reply{Answer(200, "{\"a\":1}", "Retry-After: 7\r\n")};
  });
  HttpRequest request = Get(5, server.Url("/dossiers/a%2Fb"));
  request.fields = {{"Authorization", "Bearer t"}, {"Accept", "application/json"}};
  const HttpReply reply = Fetch(request);
  EXPECT_EQ(reply.id, 5U);
  EXPECT_EQ(reply.fault, TransportFault::kNone);
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, "{\"a\":1}");
  EXPECT_EQ(reply.retry_after, "7");
  EXPECT_EQ(reply.error, "");
  EXPECT_GT(reply.elapsed, 0s);
  EXPECT_LT(reply.elapsed, 5s);
  EXPECT_THAT(seen, HasSubstr("GET /dossiers/a%2Fb HTTP/1.1\r\n"));
  EXPECT_THAT(seen, HasSubstr("\r\nAuthorization: Bearer t\r\n"));
  EXPECT_THAT(seen, HasSubstr("\r\nAccept: application/json\r\n"));
  EXPECT_THAT(seen, HasSubstr("\r\nUser-Agent: sluice/"));
  EXPECT_THAT(seen, HasSubstr("\r\nAccept-Encoding: "));
}

TEST_F(CurlTransportTest, PostsBodyThenGetsOnSameHandle) {
  std::vector<std::string> seen;
  RawServer server([&](const std::string& request) {
    seen.push_back(request);
    return RawServer::Reply{Answer(200, "{}")};
  });
  HttpRequest request = Get(1, server.Url("/token"));
  request.method = "POST";
  request.body = "grant_type=client_credentials";
  request.fields = {{"Content-Type", "application/x-www-form-urlencoded"}};
  EXPECT_EQ(Fetch(request).status, 200);
  EXPECT_EQ(Fetch(Get(2, server.Url("/x"))).status, 200);
  ASSERT_EQ(seen.size(), 2U);
  EXPECT_TRUE(seen[0].starts_with("POST /token "));
  EXPECT_TRUE(seen[0].ends_with("\r\n\r\ngrant_type=client_credentials"));
  EXPECT_THAT(seen[0], HasSubstr("\r\nContent-Type: application/x-www-form-urlencoded\r\n"));
  EXPECT_TRUE(seen[1].starts_with("GET /x "));
  EXPECT_TRUE(seen[1].ends_with("\r\n\r\n"));
  EXPECT_THAT(seen[1], Not(HasSubstr("x-www-form-urlencoded")));
}

TEST_F(CurlTransportTest, ReturnsErrorsWithBody) {
  RawServer server([](const std::string&) {
    return RawServer::Reply{Answer(503, R"({"traceId":"x"})", "Retry-After: Sun, 06 Nov 1994\r\n")};
  });
  const HttpReply reply = Fetch(Get(1, server.Url("/")));
  EXPECT_EQ(reply.fault, TransportFault::kNone);
  EXPECT_EQ(reply.status, 503);
  EXPECT_EQ(reply.body, R"({"traceId":"x"})");
  EXPECT_EQ(reply.retry_after, "Sun, 06 Nov 1994");
}

TEST_F(CurlTransportTest, AcceptsBodyOfExactlyTheBoundAndNotAByteMore) {
  RawServer server([](const std::string& request) {
    const std::size_t size = request.starts_with("GET /more") ? 100'001 : 100'000;
    return RawServer::Reply{Answer(200, std::string(size, 'x'))};
  });
  HttpRequest exactly = Get(1, server.Url("/exactly"));
  exactly.max_response = 100'000;
  EXPECT_EQ(Fetch(exactly).body.size(), 100'000U);
  HttpRequest more = Get(2, server.Url("/more"));
  more.max_response = 100'000;
  const HttpReply reply = Fetch(more);
  EXPECT_EQ(reply.fault, TransportFault::kTooLarge);
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, "");
}

TEST_F(CurlTransportTest, CountsBodyAfterDecompression) {
  const std::string text(100'000, 'x');
  RawServer server([&](const std::string&) {
    return RawServer::Reply{Answer(200, Gzipped(), "Content-Encoding: gzip\r\n")};
  });
  HttpRequest enough = Get(1, server.Url("/"));
  enough.max_response = text.size();
  EXPECT_EQ(Fetch(enough).body, text);
  HttpRequest too_little = Get(2, server.Url("/"));
  too_little.max_response = text.size() - 1;
  EXPECT_EQ(Fetch(too_little).fault, TransportFault::kTooLarge);
}

TEST_F(CurlTransportTest, ReportsTruncatedAnswerAsBroken) {
  const std::map<std::string, std::string> answers = {
      {"/body", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"},
      {"/chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab"},
      {"/gzip", Answer(200, "text", "Content-Encoding: gzip\r\n")},
      {"/nothing", ""},
      {"/no-http", "SSH-2.0-OpenSSH\r\n"},
  };
  RawServer server([&](const std::string& request) {
    const std::string path = request.substr(4, request.find(' ', 4) - 4);
    return RawServer::Reply{answers.at(path), Then::kClose};
  });
  std::uint64_t id = 0;
  for (const auto& [path, bytes] : answers) {
    const HttpReply reply = Fetch(Get(++id, server.Url(path)));
    EXPECT_EQ(reply.fault, TransportFault::kBroken) << path;
    EXPECT_EQ(reply.body, "") << path;
    EXPECT_NE(reply.error, "") << path;
  }
}

TEST_F(CurlTransportTest, GivesUpAtTimeout) {
  RawServer server([](const std::string& request) {
    const bool is_partial = request.starts_with("GET /partial");
    return RawServer::Reply{is_partial ? "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc" : "",
                            Then::kSayNothingMore};
  });
  HttpRequest silent = Get(1, server.Url("/silent"));
  silent.timeout = 150ms;
  HttpRequest partial = Get(2, server.Url("/partial"));
  partial.timeout = 150ms;
  transport.Start(silent);
  transport.Start(partial);
  Await(2);
  EXPECT_EQ(replies[1].fault, TransportFault::kTimeout);
  EXPECT_EQ(replies[1].status, 0);
  EXPECT_GE(replies[1].elapsed, 150ms);
  EXPECT_LT(replies[1].elapsed, 3s);
  EXPECT_EQ(replies[2].fault, TransportFault::kTimeout);
  EXPECT_EQ(replies[2].status, 200);
  EXPECT_EQ(replies[2].body, "");
}

TEST_F(CurlTransportTest, ReportsRefusedConnection) {
  std::string url;
  {
    RawServer server([](const std::string&) { return RawServer::Reply{}; });
    url = server.Url("/secret-path?secret=1");
  }
  const HttpReply reply = Fetch(Get(1, url));
  EXPECT_EQ(reply.fault, TransportFault::kConnect);
  EXPECT_EQ(reply.status, 0);
  EXPECT_THAT(reply.error, Not(HasSubstr("secret")));
  EXPECT_NE(reply.error, "");
}

TEST_F(CurlTransportTest, ReportsUnresolvableHost) {
  EXPECT_EQ(Fetch(Get(1, "http://host.invalid/")).fault, TransportFault::kDns);
}

TEST_F(CurlTransportTest, RefusesSchemesOtherThanHttp) {
  std::uint64_t id = 0;
  for (const std::string url :
       {"file:///etc/hostname", "ftp://127.0.0.1/", "gopher://127.0.0.1/", "no url at all"}) {
    const HttpReply reply = Fetch(Get(++id, url));
    EXPECT_NE(reply.fault, TransportFault::kNone) << url;
    EXPECT_EQ(reply.body, "") << url;
  }
}

TEST_F(CurlTransportTest, FollowsNoRedirect) {
  RawServer other([](const std::string&) { return RawServer::Reply{Answer(200, "{}")}; });
  RawServer server([&](const std::string&) {
    return RawServer::Reply{Answer(302, "", "Location: " + other.Url("/") + "\r\n")};
  });
  HttpRequest request = Get(1, server.Url("/"));
  request.fields = {{"Authorization", "Bearer t"}};
  EXPECT_EQ(Fetch(request).status, 302);
  EXPECT_EQ(other.connections(), 0);
}

TEST_F(CurlTransportTest, ReusesConnections) {
  RawServer server([](const std::string&) { return RawServer::Reply{Answer(200, "{}")}; });
  for (std::uint64_t id = 1; id <= 20; ++id) {
    EXPECT_EQ(Fetch(Get(id, server.Url("/"))).status, 200);
  }
  EXPECT_EQ(server.requests(), 20);
  EXPECT_EQ(server.connections(), 1);
}

TEST_F(CurlTransportTest, ReconnectsWhenServerHasClosedIdleConnection) {
  RawServer server([](const std::string&) {
    return RawServer::Reply{Answer(200, "{}"), Then::kClose};
  });
  for (std::uint64_t id = 1; id <= 5; ++id) {
    EXPECT_EQ(Fetch(Get(id, server.Url("/"))).fault, TransportFault::kNone);
  }
  EXPECT_EQ(server.requests(), 5);
}

TEST_F(CurlTransportTest, RunsManyRequestsConcurrently) {
  RawServer server([](const std::string& request) {
    return RawServer::Reply{Answer(200, request.substr(5, request.find(' ', 5) - 5))};
  });
  for (std::uint64_t id = 1; id <= 200; ++id) {
    transport.Start(Get(id, server.Url("/" + std::to_string(id))));
  }
  Await(200);
  for (std::uint64_t id = 1; id <= 200; ++id) EXPECT_EQ(replies[id].body, std::to_string(id));
}

TEST_F(CurlTransportTest, DropsCancelledRequest) {
  RawServer server([](const std::string& request) {
    if (request.starts_with("GET /slow")) return RawServer::Reply{"", Then::kSayNothingMore};
    return RawServer::Reply{Answer(200, "{}")};
  });
  transport.Start(Get(1, server.Url("/slow")));
  const auto deadline = common::Deadline::After(5s);
  while (server.requests() == 0 && !deadline.HasPassed()) transport.Wait({}, 10ms);
  transport.Cancel(1);
  transport.Cancel(99);
  EXPECT_EQ(Fetch(Get(2, server.Url("/"))).status, 200);
  EXPECT_EQ(replies.count(1), 0U);
}

TEST_F(CurlTransportTest, DropsReplyOfRequestCancelledTooLate) {
  RawServer server([](const std::string&) { return RawServer::Reply{Answer(200, "{}")}; });
  transport.Start(Get(1, server.Url("/")));
  const auto deadline = common::Deadline::After(5s);
  while (server.requests() == 0 && !deadline.HasPassed()) transport.Wait({}, 10ms);
  transport.Wait({}, 200ms);  // Returns with the answer.
  transport.Cancel(1);
  EXPECT_TRUE(transport.Collect().empty());
  EXPECT_EQ(Fetch(Get(2, server.Url("/"))).status, 200);
}

TEST_F(CurlTransportTest, AllowsDestructionWithRequestsInFlight) {
  RawServer server([](const std::string&) { return RawServer::Reply{"", Then::kSayNothingMore}; });
  CurlTransport other{CurlSettings{}};
  other.Start(Get(1, server.Url("/")));
  const auto deadline = common::Deadline::After(5s);
  while (server.requests() == 0 && !deadline.HasPassed()) other.Wait({}, 10ms);
  EXPECT_EQ(server.requests(), 1);
}

TEST_F(CurlTransportTest, WakesWhenExtraDescriptorIsReadable) {
  const common::Fd quiet(eventfd(0, EFD_NONBLOCK));
  const common::Fd wakes(eventfd(0, EFD_NONBLOCK));
  const std::jthread other([&] { eventfd_write(wakes.get(), 1); });
  const auto begin = std::chrono::steady_clock::now();
  const int fds[] = {quiet.get(), wakes.get()};
  transport.Wait(fds, 10s);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 5s);
  eventfd_t value = 0;
  EXPECT_EQ(eventfd_read(wakes.get(), &value), 0);
}

TEST_F(CurlTransportTest, WakesForExtraDescriptorWhileRequestIsInFlight) {
  RawServer server([](const std::string&) { return RawServer::Reply{"", Then::kSayNothingMore}; });
  transport.Start(Get(1, server.Url("/")));
  const auto deadline = common::Deadline::After(5s);
  while (server.requests() == 0 && !deadline.HasPassed()) transport.Wait({}, 10ms);
  const common::Fd wakes(eventfd(1, EFD_NONBLOCK));
  const int fds[] = {wakes.get()};
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < 100; ++i) transport.Wait(fds, 10s);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 5s);
  EXPECT_TRUE(transport.Collect().empty());
}

TEST_F(CurlTransportTest, WaitsAtMostItsTimeout) {
  const common::Fd quiet(eventfd(0, EFD_NONBLOCK));
  const int fds[] = {quiet.get()};
  const auto begin = std::chrono::steady_clock::now();
  transport.Wait(fds, 20ms);
  const auto elapsed = std::chrono::steady_clock::now() - begin;
  EXPECT_GE(elapsed, 19ms);
  EXPECT_LT(elapsed, 5s);
}

TEST_F(CurlTransportTest, DoesNotWaitWhileReplyIsUncollected) {
  RawServer server([](const std::string&) { return RawServer::Reply{Answer(200, "{}")}; });
  transport.Start(Get(1, server.Url("/")));
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < 100; ++i) transport.Wait({}, 5s);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 5s);
  EXPECT_EQ(transport.Collect().size(), 1U);
}

TEST(CurlFault, ClassifiesCodesOfLibcurl) {
  const std::map<CURLcode, TransportFault> table = {
      {CURLE_OK, TransportFault::kNone},
      {CURLE_COULDNT_CONNECT, TransportFault::kConnect},
      {CURLE_PROXY, TransportFault::kConnect},
      {CURLE_COULDNT_RESOLVE_HOST, TransportFault::kDns},
      {CURLE_COULDNT_RESOLVE_PROXY, TransportFault::kDns},
      {CURLE_OPERATION_TIMEDOUT, TransportFault::kTimeout},
      {CURLE_SSL_CONNECT_ERROR, TransportFault::kTls},
      {CURLE_PEER_FAILED_VERIFICATION, TransportFault::kTls},
      {CURLE_SSL_CACERT_BADFILE, TransportFault::kTls},
      {CURLE_SSL_CIPHER, TransportFault::kTls},
      {CURLE_WRITE_ERROR, TransportFault::kTooLarge},
      {CURLE_FILESIZE_EXCEEDED, TransportFault::kTooLarge},
      {CURLE_PARTIAL_FILE, TransportFault::kBroken},
      {CURLE_RECV_ERROR, TransportFault::kBroken},
      {CURLE_SEND_ERROR, TransportFault::kBroken},
      {CURLE_GOT_NOTHING, TransportFault::kBroken},
      {CURLE_HTTP2, TransportFault::kBroken},
      {CURLE_HTTP2_STREAM, TransportFault::kBroken},
      {CURLE_BAD_CONTENT_ENCODING, TransportFault::kBroken},
      {CURLE_UNSUPPORTED_PROTOCOL, TransportFault::kBroken},
  };
  for (const auto& [code, fault] : table)
    EXPECT_EQ(FaultOf(code), fault) << curl_easy_strerror(code);
}

}  // namespace
}  // namespace consumer
