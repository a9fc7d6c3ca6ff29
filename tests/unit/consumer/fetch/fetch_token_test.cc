// The scheduler's token.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/consumer/fetch/fetch_bench.h"

namespace consumer {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

std::string TokenOf(const HttpRequest& request) {
  for (const auto& [name, value] : request.fields) {
    if (name == "Authorization") return value;
  }
  return {};
}

TEST(FetchToken, IsRequestedOnceForManyJobs) {
  FetchBench bench;
  for (JobId id = 1; id <= 50; ++id) bench.Submit(Job(id, "p" + std::to_string(id)));
  bench.Step();
  bench.Step();
  EXPECT_EQ(bench.transport.under_way().size(), 1U);
  bench.Settle(Healthy);
  EXPECT_EQ(bench.ended.size(), 50U);
  EXPECT_EQ(bench.transport.CountAsked("/token"), 1U);
}

TEST(FetchToken, IsRequestedWithEncodedCredentials) {
  FetchSettings settings = FetchBench::DefaultSettings();
  settings.client_id = "sluice:1";
  settings.client_secret = "p/ss+w%rd";
  settings.scope = "client.assure.api client.capture.api";
  FetchBench bench(settings);
  bench.Submit(Job(1, "p"));
  bench.Step();
  const HttpRequest& request = bench.transport.under_way().at(0);
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.url, "https://login.test/token");
  // base64 of sluice%3A1:p%2Fss%2Bw%25rd
  EXPECT_EQ(TokenOf(request), "Basic c2x1aWNlJTNBMTpwJTJGc3MlMkJ3JTI1cmQ=");
  EXPECT_EQ(request.body,
            "grant_type=client_credentials&scope=client.assure.api%20client.capture.api");
}

TEST(FetchToken, IsNotRequestedWithoutJob) {
  FetchBench bench;
  bench.Run(1h, Healthy);
  EXPECT_THAT(bench.transport.log(), IsEmpty());
}

TEST(FetchToken, IsRenewedWhileOldOneIsStillUsed) {
  FetchBench bench;
  bench.GetToken();  // Lives 600 s: renewed when 60 s are left.
  bench.Wait(539s);
  bench.Submit(Job(1, "p1"));
  bench.Step();
  EXPECT_EQ(bench.transport.CountUnderWay("/token"), 0U);
  bench.Wait(1s);
  bench.Submit(Job(2, "p2"));
  bench.Step();
  EXPECT_EQ(bench.transport.CountUnderWay("/token"), 1U);
  EXPECT_EQ(bench.transport.CountUnderWay("/p2"), 1U);
  bench.Submit(Job(3, "p3"));
  bench.Step();
  EXPECT_EQ(bench.transport.CountUnderWay("/token"), 1U) << "one renewal at a time";
  EXPECT_EQ(TokenOf(bench.transport.under_way().back()), "Bearer t");
  bench.Answer("/token", Token("t2"));
  bench.Submit(Job(4, "p4"));
  bench.Step();
  EXPECT_EQ(TokenOf(bench.transport.under_way().back()), "Bearer t2");
}

TEST(FetchToken, IsRenewedWhenLastFifthOfShortLifeIsLeft) {
  FetchBench bench;
  bench.Submit(Job(1, "p1"));
  bench.Step();
  bench.Answer("/token", Token("t", 10));
  bench.Settle(Healthy);
  bench.Wait(7999ms);
  bench.Submit(Job(2, "p2"));
  bench.Step();
  EXPECT_EQ(bench.transport.CountUnderWay("/token"), 0U);
  bench.Wait(1ms);
  bench.Submit(Job(3, "p3"));
  bench.Step();
  EXPECT_EQ(bench.transport.CountUnderWay("/token"), 1U);
}

TEST(FetchToken, HoldsJobsBackOnceExpired) {
  FetchBench bench;
  bench.GetToken();
  bench.Wait(600s);
  bench.Submit(Job(1, "p1"));
  bench.Step();
  ASSERT_EQ(bench.transport.under_way().size(), 1U);
  EXPECT_EQ(bench.transport.CountUnderWay("/token"), 1U);
  bench.Settle(Healthy);
  EXPECT_EQ(bench.ended.size(), 1U);
}

TEST(FetchToken, IsNotRequestedInLoopIfLifetimeIsZero) {
  FetchBench bench;
  for (JobId id = 1; id <= 5; ++id) bench.Submit(Job(id, "p" + std::to_string(id)));
  bench.Run(10s, [](const HttpRequest& request) {
    return request.url.ends_with("/token") ? Token("t", 0) : Healthy(request);
  });
  EXPECT_EQ(bench.ended.size(), 5U);
  EXPECT_LE(bench.transport.CountAsked("/token"), 12U);
}

TEST(FetchToken, IsRetriedWithBackoffWithoutAgingJobs) {
  FetchSettings settings = FetchBench::DefaultSettings();
  settings.breaker_failures = 1'000'000;
  FetchBench bench(settings);
  bench.Submit(Job(1, "p"));
  bench.Step();
  bench.Answer("/token", Status(500));
  EXPECT_EQ(bench.scheduler.NextDue(bench.now), bench.now + 250ms);
  bench.Run(100h, [](const HttpRequest&) { return Status(500); });
  EXPECT_THAT(bench.ended, IsEmpty());
  EXPECT_NEAR(static_cast<double>(bench.transport.log().size()), 100 * 120, 100) << "every 30 s";
  bench.Run(1min, Healthy);
  EXPECT_THAT(bench.ended,
              ElementsAre(R"(1: process={"status":"accepted"} dossier={"d":1} (2 attempts))"));
}

TEST(FetchToken, IsRejectedIfItCannotBeSent) {
  for (const std::string token : {"", "a\\nb", "a b\\u0000", "\\u00e9"}) {
    FetchBench bench;
    bench.Submit(Job(1, "p"));
    bench.Step();
    bench.Answer("/token", Token(token));
    EXPECT_THAT(bench.events.attempts, ElementsAre("token error")) << token;
    EXPECT_THAT(bench.transport.under_way(), IsEmpty()) << token;
  }
}

TEST(FetchToken, HoldsOnlyTokenHostOnItsRetryAfter) {
  FetchBench bench;
  bench.Submit(Job(1, "p"));
  bench.Step();
  bench.Answer("/token", RetryAfter(Status(503), "120"));
  EXPECT_EQ(bench.scheduler.NextDue(bench.now), bench.now + 120s);
  bench.Wait(120s);
  bench.Step();
  bench.Answer("/token", Token("t", 3600));
  bench.Answer("/p", RetryAfter(Status(503), "100000"));
  EXPECT_EQ(bench.scheduler.NextDue(bench.now), bench.now + 1h)
      << "the Retry-After of the API, at most an hour";
  bench.Submit(Job(2, "q"));
  EXPECT_EQ(bench.scheduler.NextDue(bench.now), bench.now + 5s);
}

TEST(FetchToken, IsNotRenewedRepeatedlyForCallbackThatAlwaysGets401) {
  FetchBench bench;
  bench.GetToken();
  JobId last = 1;
  for (JobId id = 1; id <= 40; ++id) bench.Submit(Job(last = id, "stuck" + std::to_string(id)));
  const std::size_t tokens = bench.transport.CountAsked("/token");
  for (int second = 0; second < 600; ++second) {
    ++last;
    bench.Submit(Job(last, "p" + std::to_string(last)));
    bench.Run(1s, [](const HttpRequest& request) {
      return request.url.find("/stuck") != std::string::npos ? Status(401) : Healthy(request);
    });
  }
  EXPECT_GE(bench.ended.size(), 595U);
  EXPECT_LE(bench.transport.CountAsked("/token") - tokens, 25U) << "one a minute, after a while";
}

TEST(FetchToken, IsRenewedOnceAfter401AndRequestRepeated) {
  FetchBench bench;
  bench.GetToken();
  bench.Submit(Job(1, "p"));
  bench.Step();
  bench.Answer("/p", Status(401));
  ASSERT_EQ(bench.transport.under_way().size(), 1U);
  bench.Answer("/token", Token("t2"));
  ASSERT_EQ(bench.transport.under_way().size(), 1U);
  EXPECT_EQ(TokenOf(bench.transport.under_way()[0]), "Bearer t2");
  bench.Settle(Healthy);
  EXPECT_THAT(bench.ended,
              ElementsAre(R"(1: process={"status":"accepted"} dossier={"d":1} (3 attempts))"));
}

TEST(FetchToken, IsNotRenewedBeforeBackoffIfNewOneIsAlsoRefused) {
  FetchBench bench;
  bench.GetToken();
  const std::size_t tokens = bench.transport.CountAsked("/token");
  bench.Submit(Job(1, "p"));
  bench.Step();
  bench.Answer("/p", Status(401));
  bench.Answer("/token", Token("t2"));
  bench.Answer("/p", Status(401));
  EXPECT_THAT(bench.transport.under_way(), IsEmpty());
  EXPECT_EQ(bench.scheduler.NextDue(bench.now), bench.now + 250ms);
  EXPECT_EQ(bench.transport.CountAsked("/token") - tokens, 1U);
}

TEST(FetchToken, IsRenewedOnceAfter400ThatNamesIt) {
  for (const std::string body :
       {R"({"code":"invalid_token","status":400})", R"({"error":"invalid_token"})"}) {
    FetchBench bench;
    bench.GetToken();
    bench.Submit(Job(1, "p"));
    bench.Step();
    bench.Answer("/p", Status(400, body));
    EXPECT_THAT(bench.events.attempts, ElementsAre("process unauthorized"));
    bench.Answer("/token", Token("t2"));
    EXPECT_EQ(TokenOf(bench.transport.under_way().at(0)), "Bearer t2");
    bench.Answer("/p", Status(400, body));
    EXPECT_THAT(bench.transport.under_way(), IsEmpty()) << "the backoff, then";
    bench.Run(1min, Healthy);
    EXPECT_THAT(bench.ended,
                ElementsAre(R"(1: process={"status":"accepted"} dossier={"d":1} (4 attempts))"));
  }
}

TEST(FetchToken, IsRetriedAfterAnyFailureOfItsHost) {
  const std::vector<HttpReply> failures = {Status(400, R"({"error":"invalid_client"})"),
                                           Status(401),
                                           Status(404),
                                           Status(302),
                                           Status(204),
                                           Json("<html>"),
                                           Json(R"({"token_type":"Bearer"})"),
                                           Json(R"({"access_token":7})"),
                                           Json(R"(["access_token"])"),
                                           Fault(TransportFault::kTimeout),
                                           Fault(TransportFault::kTooLarge),
                                           Fault(TransportFault::kTls)};
  for (const HttpReply& failure : failures) {
    FetchBench bench;
    bench.Submit(Job(1, "p"));
    bench.Step();
    bench.Answer("/token", failure);
    EXPECT_THAT(bench.transport.under_way(), IsEmpty());
    EXPECT_EQ(bench.scheduler.NextDue(bench.now), bench.now + 250ms) << "its own backoff";
    bench.Run(24h, [&](const HttpRequest&) { return failure; });
    EXPECT_THAT(bench.ended, IsEmpty()) << "nothing is lost for want of a token";
    EXPECT_TRUE(bench.scheduler.breaker_open());
    bench.Run(1min, Healthy);
    EXPECT_EQ(bench.ended.size(), 1U);
  }
}

TEST(FetchToken, IsUsedUntilExpiryIfRenewalFails) {
  FetchBench bench;
  bench.GetToken();
  bench.Wait(545s);
  const auto no_renewal = [](const HttpRequest& request) {
    return request.url.ends_with("/token") ? Status(503) : Healthy(request);
  };
  for (JobId id = 1; id <= 50; ++id) {
    bench.Submit(Job(id, "p" + std::to_string(id)));
    bench.Run(1s, no_renewal);
  }
  EXPECT_EQ(bench.ended.size(), 50U);
  EXPECT_THAT(bench.events.breaker, IsEmpty()) << "the answers of the API count more";
  bench.Wait(10s);
  bench.Submit(Job(51, "p51"));
  bench.Step();
  EXPECT_EQ(bench.transport.CountUnderWay("/p51"), 0U);
}

TEST(FetchToken, IsRenewedOnceForManyRefusedRequests) {
  FetchBench bench;
  bench.GetToken();
  const std::size_t tokens = bench.transport.CountAsked("/token");
  for (JobId id = 1; id <= 8; ++id) bench.Submit(Job(id, "p" + std::to_string(id)));
  bench.Step();
  ASSERT_EQ(bench.transport.under_way().size(), 8U);
  for (JobId id = 1; id <= 4; ++id) bench.Answer("/p" + std::to_string(id), Status(401));
  bench.Answer("/token", Token("t2"));
  for (JobId id = 5; id <= 8; ++id) bench.Answer("/p" + std::to_string(id), Status(401));
  EXPECT_EQ(bench.transport.CountAsked("/token") - tokens, 1U)
      << "a late 401 does not drop the newer token";
  for (const HttpRequest& request : bench.transport.under_way()) {
    EXPECT_EQ(TokenOf(request), "Bearer t2");
  }
  bench.Settle(Healthy);
  EXPECT_EQ(bench.ended.size(), 8U);
}

TEST(FetchToken, GetsDefaultLifeIfAnswerNamesNone) {
  FetchBench bench;
  bench.Submit(Job(1, "p1"));
  bench.Step();
  bench.Answer("/token", Json(R"({"access_token":"t"})"));
  bench.Settle(Healthy);
  bench.Wait(200s);
  bench.Submit(Job(2, "p2"));
  bench.Settle(Healthy);
  EXPECT_EQ(bench.transport.CountAsked("/token"), 1U);
  bench.Wait(50s);
  bench.Submit(Job(3, "p3"));
  bench.Settle(Healthy);
  EXPECT_EQ(bench.transport.CountAsked("/token"), 2U);
}

}  // namespace
}  // namespace consumer
