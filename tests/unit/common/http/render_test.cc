#include "common/http/render.h"

#include <gtest/gtest.h>

#include "common/http/service.h"

namespace common::http {
namespace {

std::string Render(const Answer& answer, const RenderContext& context = {}) {
  std::string text = "what was there before";
  RenderHead(answer, context, text);
  return text;
}

TEST(RenderHead, NamesTypeAndLengthOfABody) {
  EXPECT_EQ(Render({.status = 200, .body = "abc", .content_type = "application/json"}),
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 3\r\n\r\n");
}

TEST(RenderHead, NamesNoTypeWithoutBody) {
  EXPECT_EQ(Render({.status = 429}), "HTTP/1.1 429 Too Many Requests\r\nContent-Length: 0\r\n\r\n");
}

TEST(RenderHead, NamesNoLengthWhereNoneMayStand) {
  EXPECT_EQ(Render({.status = 204}), "HTTP/1.1 204 No Content\r\n\r\n");
}

TEST(RenderHead, CarriesFurtherFieldsInOrder) {
  EXPECT_EQ(Render({.status = 405, .fields = {{"Allow", "POST"}, {"Retry-After", "3"}}}),
            "HTTP/1.1 405 Method Not Allowed\r\nContent-Length: 0\r\nAllow: POST\r\nRetry-After: "
            "3\r\n\r\n");
}

TEST(RenderHead, SaysWhetherTheConnectionEnds) {
  EXPECT_EQ(Render({}, {.close = true}),
            "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(Render({}, {.close = true, .http11 = false}),
            "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(Render({}, {.close = false, .http11 = false}),
            "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n");
}

TEST(RenderHead, HasAReasonForAnyStatus) {
  EXPECT_EQ(Render({.status = 299}), "HTTP/1.1 299 Status\r\nContent-Length: 0\r\n\r\n");
}

TEST(DefaultStatus, IsOneForEachFault) {
  EXPECT_EQ(DefaultStatus(HttpFault::kMalformed), 400);
  EXPECT_EQ(DefaultStatus(HttpFault::kLengthRequired), 411);
  EXPECT_EQ(DefaultStatus(HttpFault::kHeadTooLarge), 431);
  EXPECT_EQ(DefaultStatus(HttpFault::kBodyTooLarge), 413);
  EXPECT_EQ(DefaultStatus(HttpFault::kHeadTooSlow), 408);
  EXPECT_EQ(DefaultStatus(HttpFault::kBodyTooSlow), 408);
  EXPECT_EQ(DefaultStatus(HttpFault::kTooManyConnections), 429);
  EXPECT_EQ(DefaultStatus(HttpFault::kAnswerTooLate), 503);
  EXPECT_EQ(DefaultStatus(HttpFault::kInternal), 503);
}

}  // namespace
}  // namespace common::http
