// The scheduler while the API is unavailable.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/consumer/fetch/fetch_bench.h"

namespace consumer {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using TimePoint = FetchScheduler::TimePoint;

FetchSettings Settings() {
  FetchSettings settings = FetchBench::DefaultSettings();
  settings.breaker_failures = 3;
  settings.breaker_probe_every = 10s;
  return settings;
}

std::optional<HttpReply> Down(const HttpRequest& request) {
  if (request.url.ends_with("/token")) return Token("t", 3600);
  return Status(503);
}

/// Has a token, three failed jobs, and a breaker that has just opened.
struct Outage : FetchBench {
  Outage() : FetchBench(Settings()) {
    GetToken();
    for (JobId id = 1; id <= 3; ++id) Submit(Job(id, "p" + std::to_string(id)));
    Settle(Down);
  }
  /// The number of probes so far.
  [[nodiscard]] std::size_t Asked() const {
    std::size_t asked = 0;
    for (const std::string process : {"/p1", "/p2", "/p3"}) {
      asked += transport.CountAsked(process) - 1;
    }
    return asked;
  }
};

TEST(FetchBreaker, OpensAfterConsecutiveFailuresAndStopsIntake) {
  FetchBench bench(Settings());
  bench.GetToken();
  bench.Submit(Job(1, "p1"));
  bench.Submit(Job(2, "p2"));
  bench.Settle(Down);
  EXPECT_TRUE(bench.scheduler.WantsIntake());
  bench.Submit(Job(3, "p3"));
  bench.Settle(Down);
  EXPECT_TRUE(bench.scheduler.breaker_open());
  EXPECT_THAT(bench.events.breaker, ElementsAre("opened"));
  EXPECT_TRUE(bench.scheduler.WantsIntake()) << "one, in case only these three fail";
  bench.Submit(Job(4, "p4"));
  EXPECT_FALSE(bench.scheduler.WantsIntake());
}

// The partition of all jobs in hand is read again: nothing else could ever close the breaker.
TEST(FetchBreaker, WantsAnotherCallbackWhenTheOneForItsProbeIsCancelled) {
  Outage bench;
  bench.Submit(Job(4, "p4"));
  EXPECT_FALSE(bench.scheduler.WantsIntake());
  bench.scheduler.Cancel({1, 2, 3, 4});
  EXPECT_TRUE(bench.scheduler.WantsIntake());
  bench.Submit(Job(5, "p5"));
  EXPECT_FALSE(bench.scheduler.WantsIntake());
  bench.Run(20s, Healthy);
  EXPECT_FALSE(bench.scheduler.breaker_open());
}

TEST(FetchBreaker, TriesOneJobPerPeriodWhileOpen) {
  Outage bench;
  EXPECT_EQ(bench.scheduler.NextDue(bench.now), bench.now + 10s);
  bench.Wait(10s - 1ms);
  bench.Step();
  EXPECT_THAT(bench.transport.under_way(), IsEmpty());
  bench.Wait(1ms);
  bench.Step();
  EXPECT_EQ(bench.transport.under_way().size(), 1U);
  EXPECT_EQ(bench.scheduler.NextDue(bench.now), TimePoint::max()) << "only the reply matters";
  bench.Wait(60s);
  bench.Step();
  EXPECT_EQ(bench.transport.under_way().size(), 1U) << "one at a time";
  bench.Settle(Down);
  EXPECT_EQ(bench.Asked(), 2U) << "the period was over when the first probe failed";
  bench.Run(1h, Down);
  EXPECT_EQ(bench.Asked(), 2U + 360U);
}

TEST(FetchBreaker, TriesAllJobsInTurnWhileOpen) {
  Outage bench;
  bench.Run(90s, Down);
  for (const std::string process : {"/p1", "/p2", "/p3"}) {
    EXPECT_EQ(bench.transport.CountAsked(process), 1U + 3U) << process;
  }
}

TEST(FetchBreaker, ClosesOnFirstGoodAnswerAndRestartsWithOneRequest) {
  Outage bench;
  for (JobId id = 4; id <= 20; ++id) bench.Submit(Job(id, "p" + std::to_string(id)));
  bench.Wait(10s);
  bench.Step();
  EXPECT_EQ(bench.events.concurrency_limit, 1);
  const std::string probed = bench.transport.under_way().at(0).url;
  bench.Answer(probed, Status(404));  // Any answer about the resource counts.
  EXPECT_THAT(bench.events.breaker, ElementsAre("opened", "closed after 10 s"));
  EXPECT_TRUE(bench.scheduler.WantsIntake());
  EXPECT_EQ(bench.events.concurrency_limit, 2);
  EXPECT_EQ(bench.transport.under_way().size(), 2U);
  bench.Run(1min, Healthy);
  EXPECT_EQ(bench.ended.size(), 20U);
}

TEST(FetchBreaker, SuspendsAgesWhileOpen) {
  Outage bench;
  bench.Run(48h, Down);
  EXPECT_THAT(bench.ended, IsEmpty()) << "nothing is too old: the breaker was open";
  EXPECT_EQ(bench.scheduler.pending(), 3U);
  bench.Run(1min, Healthy);
  EXPECT_EQ(bench.ended.size(), 3U);
}

TEST(FetchBreaker, SuspendsNotFoundTimeWhileOpen) {
  FetchBench bench(Settings());
  bench.GetToken();
  bench.Submit(Job(1, "p1"));
  bench.Step();
  bench.Answer("/p1", Status(404));
  bench.Submit(Job(2, "p2"));
  bench.Submit(Job(3, "p3"));
  bench.Run(5h, Down);
  ASSERT_TRUE(bench.scheduler.breaker_open());
  bench.Run(9min, [](const HttpRequest& request) -> std::optional<HttpReply> {
    return request.url.ends_with("/p1") ? Status(404) : Healthy(request);
  });
  EXPECT_EQ(bench.ended.size(), 2U);
  bench.Run(3min, [](const HttpRequest&) { return Status(404); });
  ASSERT_EQ(bench.ended.size(), 3U);
  EXPECT_EQ(bench.ended[2].substr(0, 11), "1: gone 404");
}

TEST(FetchBreaker, CountsAgesWhileClosedEvenIfAllRequestsFail) {
  // 20 failures; this test never has as many in a row.
  FetchBench bench(FetchBench::DefaultSettings());
  bench.Submit(Job(1, "p1"));
  int count = 0;
  bench.Run(7h, [&](const HttpRequest& request) -> std::optional<HttpReply> {
    if (request.url.ends_with("/token")) return Token("t", 3600);
    return ++count % 2 == 0 ? Status(429) : Status(503);
  });
  ASSERT_EQ(bench.ended.size(), 1U);
  EXPECT_EQ(bench.ended[0].substr(0, 10), "1: too-old");
}

TEST(FetchBreaker, IgnoresTimeoutsAfterProcessWasSuspended) {
  for (const auto pause : {100ms, 15'000ms}) {
    FetchBench bench(Settings());
    bench.GetToken();
    for (JobId id = 1; id <= 8; ++id) bench.Submit(Job(id, "p" + std::to_string(id)));
    bench.Step();
    bench.Wait(pause);
    for (int i = 0; i < 8; ++i) bench.transport.Answer(0, Fault(TransportFault::kTimeout));
    bench.Step();
    EXPECT_EQ(bench.scheduler.breaker_open(), pause == 100ms);
    if (pause == 100ms) continue;
    EXPECT_EQ(bench.events.concurrency_limit, -1) << "not changed";
    bench.Run(1min, Healthy);
    EXPECT_EQ(bench.ended.size(), 8U);
  }
}

TEST(FetchBreaker, ProbesAtOnceWithNewlyTakenInJob) {
  Outage bench;
  bench.scheduler.CancelAll();
  EXPECT_TRUE(bench.scheduler.WantsIntake());
  EXPECT_EQ(bench.scheduler.NextDue(bench.now), TimePoint::max());
  bench.Submit(Job(10, "p10"));
  EXPECT_FALSE(bench.scheduler.WantsIntake());
  EXPECT_EQ(bench.scheduler.NextDue(bench.now), bench.now);
  bench.Settle(Healthy);
  EXPECT_EQ(bench.ended.size(), 1U);
  EXPECT_FALSE(bench.scheduler.breaker_open());
}

TEST(FetchBreaker, AlternatesFreshAndFailedJobsAsProbes) {
  Outage bench;
  JobId last = 3;
  std::string probes;
  for (int second = 1; second <= 60; ++second) {
    if (bench.scheduler.WantsIntake()) {
      ++last;
      bench.Submit(Job(last, "q" + std::to_string(last)));
    }
    bench.Run(1s, [&](const HttpRequest& request) {
      probes += std::to_string(second) + request.url.substr(request.url.rfind('/') + 1, 1) + " ";
      return Down(request);
    });
  }
  EXPECT_EQ(probes, "1q 10p 20q 30p 40q 50p 60q ");
}

TEST(FetchBreaker, TakesInTenthMoreAfterEachFailedFreshProbe) {
  Outage bench;
  JobId last = 3;
  std::vector<std::size_t> taken_in;
  for (int probe = 0; probe < 15; ++probe) {
    const JobId before = last;
    while (bench.scheduler.WantsIntake()) {
      ++last;
      bench.Submit(Job(last, "q" + std::to_string(last)));
    }
    taken_in.push_back(last - before);
    std::string tried;
    bench.Run(20s - 1ms, [&](const HttpRequest& request) {
      if (tried.empty()) tried = request.url;
      return Down(request);
    });
    EXPECT_THAT(tried, testing::EndsWith("/q" + std::to_string(last))) << "the newest";
    bench.Wait(1ms);
  }
  EXPECT_THAT(taken_in, ElementsAre(1U, 1U, 1U, 1U, 1U, 1U, 1U, 1U, 2U, 2U, 2U, 2U, 3U, 3U, 3U));
  EXPECT_THAT(bench.ended, IsEmpty());
}

TEST(FetchBreaker, TakesInTenTimesMoreForEachSampleBeforeFirstAnswer) {
  FetchBench bench(Settings());
  for (JobId id = 1; id <= 3; ++id) bench.Submit(Job(id, "p" + std::to_string(id)));
  bench.Settle(Down);
  JobId last = 3;
  std::vector<std::size_t> taken_in;
  std::string tried;
  for (int second = 0; second < 5; ++second) {
    const JobId before = last;
    while (bench.scheduler.WantsIntake()) {
      ++last;
      bench.Submit(Job(last, "q" + std::to_string(last)));
    }
    taken_in.push_back(last - before);
    bench.Run(1s - 1ms, [&](const HttpRequest& request) {
      tried += request.url.substr(request.url.rfind('/') + 1) + " ";
      return Down(request);
    });
    bench.Wait(1ms);
  }
  EXPECT_THAT(taken_in, ElementsAre(1U, 10U, 100U, 1000U, 10'000U));
  EXPECT_EQ(tried, "q4 q7 q114 q529 q11114 ")
      << "in turns the newest and one from among the others";
}

TEST(FetchBreaker, LeavesBacklogInKafkaDuringOutageOfMinutes) {
  Outage bench;
  JobId last = 3;
  for (int i = 0; i < 60; ++i) {
    while (bench.scheduler.WantsIntake()) {
      ++last;
      bench.Submit(Job(last, "q" + std::to_string(last)));
    }
    bench.Run(10s, Down);
  }
  EXPECT_LE(bench.scheduler.pending(), 200U) << "after ten minutes";
  EXPECT_THAT(bench.ended, IsEmpty());
}

TEST(FetchBreaker, WaitsForRetryAfterBeforeProbing) {
  FetchBench bench(Settings());
  bench.GetToken();
  for (JobId id = 1; id <= 3; ++id) bench.Submit(Job(id, "p" + std::to_string(id)));
  bench.Settle([](const HttpRequest&) { return RetryAfter(Status(503), "300"); });
  EXPECT_EQ(bench.scheduler.NextDue(bench.now), bench.now + 300s);
}

TEST(FetchBreaker, ClosesWhenRequestFromBeforeOutageSucceeds) {
  FetchBench bench(Settings());
  bench.GetToken();
  for (JobId id = 1; id <= 4; ++id) bench.Submit(Job(id, "p" + std::to_string(id)));
  bench.Step();
  for (const std::string process : {"/p1", "/p2", "/p3"}) bench.Answer(process, Status(500));
  EXPECT_TRUE(bench.scheduler.breaker_open());
  bench.Answer("/p4", Json("{}"));
  EXPECT_FALSE(bench.scheduler.breaker_open());
}

TEST(FetchBreaker, StartsOtherJobsIfItClosesBeforeProbeIsAnswered) {
  FetchBench bench(Settings());
  bench.GetToken();
  for (JobId id = 1; id <= 4; ++id) bench.Submit(Job(id, "p" + std::to_string(id)));
  bench.Step();
  for (const std::string process : {"/p1", "/p2", "/p3"}) bench.Answer(process, Status(500));
  bench.Wait(10s);
  bench.Step();
  EXPECT_EQ(bench.transport.CountUnderWay("/p1"), 1U);  // The probe.
  bench.Answer("/p4", Status(410));
  ASSERT_FALSE(bench.scheduler.breaker_open());
  EXPECT_EQ(bench.transport.under_way().size(), 2U);
  bench.Answer("/p2", Status(500));
  EXPECT_EQ(bench.transport.CountUnderWay("/p3"), 1U);
  bench.Answer("/p3", Status(500));
  EXPECT_LT(bench.scheduler.NextDue(bench.now), bench.now + 5s)
      << "although the probe is in flight";
}

TEST(FetchBreaker, OpensWhenTokenHostIsUnavailable) {
  FetchBench bench(Settings());
  bench.Submit(Job(1, "p"));
  const auto no_token = [](const HttpRequest&) { return Fault(TransportFault::kConnect); };
  bench.Run(1min, no_token);
  EXPECT_TRUE(bench.scheduler.breaker_open());
  bench.Submit(Job(2, "q"));
  EXPECT_FALSE(bench.scheduler.WantsIntake());
  const std::size_t before = bench.transport.log().size();
  bench.Run(10min, no_token);
  EXPECT_NEAR(static_cast<double>(bench.transport.log().size() - before), 60, 1)
      << "a probe asks for a token each period, despite the token's own backoff";
  bench.Run(11s, Healthy);
  EXPECT_EQ(bench.ended.size(), 2U);
  EXPECT_FALSE(bench.scheduler.breaker_open());
}

TEST(FetchBreaker, RenewsRefusedTokenWithinOneProbe) {
  Outage bench;
  bench.Wait(10s);
  bench.Step();
  bench.Answer(bench.transport.under_way().at(0).url, Status(401));
  EXPECT_EQ(bench.transport.CountUnderWay("/token"), 1U);
  bench.Answer("/token", Token("t2"));
  EXPECT_EQ(bench.transport.under_way().size(), 1U) << "the probe continues at once";
  bench.Settle(Healthy);
  EXPECT_FALSE(bench.scheduler.breaker_open());
}

TEST(FetchBreaker, OpensWhenApiRefusesEveryToken) {
  FetchBench bench(Settings());
  for (JobId id = 1; id <= 5; ++id) bench.Submit(Job(id, "p" + std::to_string(id)));
  const auto refuse = [](const HttpRequest& request) {
    return request.url.ends_with("/token") ? Token("t", 3600) : Status(401);
  };
  bench.Settle(refuse);
  EXPECT_TRUE(bench.scheduler.breaker_open());
  bench.Run(12h, refuse);
  EXPECT_THAT(bench.ended, IsEmpty());
}

TEST(FetchBreaker, IgnoresRefusalOfTokenThatNeedsRenewal) {
  FetchBench bench(Settings());
  bench.GetToken();
  for (JobId id = 1; id <= 8; ++id) bench.Submit(Job(id, "p" + std::to_string(id)));
  bench.Step();
  for (JobId id = 1; id <= 8; ++id) bench.Answer("/p" + std::to_string(id), Status(401));
  bench.Settle(Healthy);
  EXPECT_THAT(bench.events.breaker, IsEmpty());
  EXPECT_EQ(bench.ended.size(), 8U);
}

TEST(FetchBreaker, IgnoresAnswersAboutSingleResource) {
  for (const int status : {400, 404, 408, 410, 422, 425, 429}) {
    FetchBench bench(Settings());
    for (JobId id = 1; id <= 30; ++id) bench.Submit(Job(id, "p" + std::to_string(id)));
    bench.Run(1min, [&](const HttpRequest& request) {
      return request.url.ends_with("/token") ? Token("t", 3600) : Status(status);
    });
    EXPECT_THAT(bench.events.breaker, IsEmpty()) << status;
  }
}

}  // namespace
}  // namespace consumer
