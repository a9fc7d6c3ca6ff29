#include "common/trace_export/curl_collector.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "common/curl/curl_global.h"
#include "tests/component/consumer/http/raw_server.h"
#include "tests/support/wait_until.h"

namespace common::tracing {
namespace {

using namespace std::chrono_literals;
using consumer::RawServer;
using testing::HasSubstr;
using testing::Not;

TEST(CurlCollector, PostsJsonWithTheConfiguredHeaders) {
  const CurlGlobal curl;
  Guarded<std::string> seen;
  const RawServer server([&](const std::string& request) {
    seen.With([&](std::string& text) { text = request; });
    return RawServer::Reply{.bytes = consumer::Answer(200, "{}")};
  });
  CurlCollector collector(
      {.url = server.Url("/v1/traces"), .headers = {{"X-Token", "abc"}, {"X-Empty", ""}}});
  const CollectorReply reply = collector.Post(R"({"resourceSpans":[]})");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, "{}");
  const std::string request = seen.With([](const std::string& text) { return text; });
  EXPECT_THAT(request, HasSubstr("POST /v1/traces HTTP/1.1\r\n"));
  EXPECT_THAT(request, HasSubstr("Content-Type: application/json\r\n"));
  EXPECT_THAT(request, HasSubstr("X-Token: abc\r\n"));
  EXPECT_THAT(request, HasSubstr("X-Empty:\r\n"));
  EXPECT_THAT(request, Not(HasSubstr("Expect")));
  EXPECT_THAT(request, testing::EndsWith("\r\n\r\n{\"resourceSpans\":[]}"));
}

TEST(CurlCollector, UsesOneConnectionForManyRequests) {
  const CurlGlobal curl;
  const RawServer server(
      [](const std::string&) { return RawServer::Reply{.bytes = consumer::Answer(200, "{}")}; });
  CurlCollector collector({.url = server.Url("/v1/traces")});
  for (int i = 0; i < 5; ++i) EXPECT_EQ(collector.Post("{}").status, 200);
  EXPECT_EQ(server.connections(), 1);
}

TEST(CurlCollector, ReportsStatusAndRetryAfter) {
  const CurlGlobal curl;
  const RawServer server([](const std::string&) {
    return RawServer::Reply{.bytes = consumer::Answer(429, "", "Retry-After: 7\r\n")};
  });
  CurlCollector collector({.url = server.Url("/v1/traces")});
  const CollectorReply reply = collector.Post("{}");
  EXPECT_EQ(reply.status, 429);
  EXPECT_EQ(reply.retry_after, "7");
}

TEST(CurlCollector, ReportsReasonForMissingAnswer) {
  const CurlGlobal curl;
  std::string url;
  {
    const RawServer gone([](const std::string&) { return RawServer::Reply{}; });
    url = gone.Url("/v1/traces");
  }
  CurlCollector collector({.url = url});
  const CollectorReply reply = collector.Post("{}");
  EXPECT_EQ(reply.status, 0);
  EXPECT_THAT(reply.error, HasSubstr("connect"));
}

TEST(CurlCollector, GivesUpAfterTheTimeout) {
  const CurlGlobal curl;
  const RawServer server([](const std::string&) {
    return RawServer::Reply{.bytes = "", .then = RawServer::Then::kSayNothingMore};
  });
  CurlCollector collector({.url = server.Url("/v1/traces"), .timeout = 100ms});
  EXPECT_EQ(collector.Post("{}").status, 0);
}

TEST(CurlCollector, BelievesTheStatusOfAnEndlessAnswerAndReadsItsBeginning) {
  const CurlGlobal curl;
  const RawServer server([](const std::string&) {
    return RawServer::Reply{.bytes = "HTTP/1.1 200 OK\r\n\r\n",
                            .then = RawServer::Then::kRepeatTail,
                            .tail = std::string(4096, 'x')};
  });
  CurlCollector collector({.url = server.Url("/v1/traces"), .timeout = 60s});
  const CollectorReply reply = collector.Post("{}");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, std::string(64UL * 1024, 'x'));
}

TEST(CurlCollector, ReadsTheRetryAfterOfALongAnswer) {
  const CurlGlobal curl;
  const RawServer server([](const std::string&) {
    return RawServer::Reply{
        .bytes = consumer::Answer(503, std::string(100UL * 1024, 'x'), "Retry-After: 7\r\n")};
  });
  CurlCollector collector({.url = server.Url("/v1/traces")});
  const CollectorReply reply = collector.Post("{}");
  EXPECT_EQ(reply.status, 503);
  EXPECT_EQ(reply.retry_after, "7");
}

TEST(CurlCollector, EndsTheRequestUnderWayWhenItIsTold) {
  const CurlGlobal curl;
  const RawServer server([](const std::string&) {
    return RawServer::Reply{.bytes = "", .then = RawServer::Then::kSayNothingMore};
  });
  CurlCollector collector({.url = server.Url("/v1/traces"), .timeout = 60s});
  const auto began = std::chrono::steady_clock::now();
  std::jthread ending([&] {
    EXPECT_TRUE(tests::WaitUntil([&] { return server.requests() > 0; }, 30s));
    collector.EndBy(Deadline::After(0ms));
  });
  EXPECT_EQ(collector.Post("{}").status, 0);
  EXPECT_EQ(collector.Post("{}").status, 0) << "and every later one";
  EXPECT_LT(std::chrono::steady_clock::now() - began, 30s);
}

}  // namespace
}  // namespace common::tracing
