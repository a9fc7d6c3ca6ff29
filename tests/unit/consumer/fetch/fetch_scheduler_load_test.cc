// How jobs affect each other: order, limits, and holds of the whole host.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>

#include "consumer/fetch/fetch_scheduler.h"
#include "tests/unit/consumer/fetch/fetch_bench.h"

namespace consumer {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::StartsWith;
using testing::UnorderedElementsAre;
using TimePoint = FetchScheduler::TimePoint;

TEST(FetchScheduler, RunsJobsOfOneProcessInOrderWhileOthersPass) {
  FetchBench bench;
  bench.GetToken();
  for (const JobId id : {1U, 2U, 3U}) bench.Submit(Job(id, "slow"));
  bench.Submit(Job(4, "quick"));
  bench.Step();
  EXPECT_EQ(bench.transport.CountUnderWay("/slow"), 1U);
  bench.Answer("/slow", Status(500));
  bench.Settle([](const HttpRequest& request) {
    return request.url.ends_with("quick") ? Healthy(request) : std::nullopt;
  });
  ASSERT_EQ(bench.ended.size(), 1U);
  EXPECT_EQ(bench.ended[0].substr(0, 2), "4:");
  bench.ended.clear();

  bench.Wait(1s);
  bench.Step();
  EXPECT_EQ(bench.transport.CountUnderWay("/slow"), 1U);
  bench.Answer("/slow", Status(410));
  EXPECT_THAT(bench.ended, ElementsAre("1: gone 410 (2 attempts)"));
  EXPECT_EQ(bench.transport.CountUnderWay("/slow"), 1U) << "a dead letter lets the next job start";
  bench.Settle(Healthy);
  ASSERT_EQ(bench.ended.size(), 3U);
  EXPECT_EQ(bench.ended[1].substr(0, 2), "2:");
  EXPECT_EQ(bench.ended[2].substr(0, 2), "3:");
}

TEST(FetchScheduler, StartsNewJobOfProcessOnceEarlierOnesHaveEnded) {
  FetchBench bench;
  bench.GetToken();
  for (JobId id = 1; id <= 3; ++id) {
    bench.Submit(Job(id, "p"));
    bench.Settle(Healthy);
    EXPECT_EQ(bench.ended.size(), id);
  }
}

TEST(FetchScheduler, HoldsResourceForWholeRetryAfterAndHostForFiveSeconds) {
  FetchBench bench;
  bench.GetToken();
  bench.Submit(Job(1, "p"));
  bench.Step();
  bench.Answer("/p", RetryAfter(Status(429), "30"));
  bench.Submit(Job(2, "q"));
  bench.Step();
  EXPECT_THAT(bench.transport.under_way(), IsEmpty());
  EXPECT_EQ(bench.scheduler.NextDue(bench.now), bench.now + 5s);
  bench.Wait(5s);
  bench.Step();
  EXPECT_EQ(bench.transport.CountUnderWay("/q"), 1U);
  bench.Settle(Healthy);
  EXPECT_EQ(bench.ended.size(), 1U);
  EXPECT_EQ(bench.scheduler.NextDue(bench.now), bench.now + 25s);
  bench.Wait(25s);
  bench.Step();
  EXPECT_EQ(bench.transport.CountUnderWay("/p"), 1U);
}

TEST(FetchScheduler, HoldsHostForWholeRetryAfterOnceSecondResourceGetsOne) {
  FetchBench bench;
  bench.GetToken();
  bench.Submit(Job(1, "p"));
  bench.Submit(Job(2, "q"));
  bench.Step();
  bench.Wait(50ms);
  bench.Answer("/p", RetryAfter(Status(429), "30"));
  bench.Answer("/q", RetryAfter(Status(503), "30"));
  bench.Submit(Job(3, "r"));
  EXPECT_EQ(bench.scheduler.NextDue(bench.now), bench.now + 30s);
  bench.Wait(30s - 1ms);
  bench.Step();
  EXPECT_THAT(bench.transport.under_way(), IsEmpty());
  bench.Wait(1ms);
  bench.Step();
  EXPECT_EQ(bench.transport.under_way().size(), 3U);
}

TEST(FetchScheduler, HoldsOnlyTheResourceThatAlwaysGetsRetryAfter) {
  FetchBench bench;
  bench.GetToken();
  bench.Submit(Job(1, "stuck"));
  JobId last = 1;
  for (int second = 0; second < 600; ++second) {
    ++last;
    bench.Submit(Job(last, "p" + std::to_string(last)));
    bench.Run(1s, [](const HttpRequest& request) {
      return request.url.ends_with("/stuck") ? RetryAfter(Status(503), "5") : Healthy(request);
    });
  }
  EXPECT_GE(bench.ended.size(), 590U);
  EXPECT_LE(bench.events.held.size(), 5U) << "holds the host only until others succeed";
}

TEST(FetchScheduler, ReadsRetryAfterDateAndWaitsAtMostAnHour) {
  FetchBench bench;
  bench.GetToken();
  bench.wall_now = common::WallTime(std::chrono::sys_days(std::chrono::year{1994} / 11 / 6) + 8h);
  bench.Submit(Job(1, "p"));
  bench.Step();
  bench.Answer("/p", RetryAfter(Status(503), "Sun, 06 Nov 1994 08:05:00 GMT"));
  EXPECT_EQ(bench.scheduler.NextDue(bench.now), bench.now + 5min);
  bench.Wait(5min);
  bench.Step();
  bench.Answer("/p", RetryAfter(Status(404), "86400"));
  EXPECT_EQ(bench.scheduler.NextDue(bench.now), bench.now + 1h);
}

TEST(FetchScheduler, ComparesRetryAfterDateWithDateOfAnswer) {
  const auto wait_of = [](std::optional<std::string> date) {
    FetchBench bench;
    bench.wall_now = common::WallTime(std::chrono::sys_days(std::chrono::year{1994} / 11 / 6) + 8h);
    bench.GetToken();
    bench.Submit(Job(1, "p"));
    bench.Step();
    HttpReply reply = RetryAfter(Status(503), "Sun, 06 Nov 1994 08:30:03 GMT");
    reply.date = std::move(date);
    bench.Answer("/p", reply);
    return bench.scheduler.NextDue(bench.now) - bench.now;
  };
  EXPECT_EQ(wait_of("Sun, 06 Nov 1994 08:30:00 GMT"), 3s) << "independent of our clock";
  EXPECT_EQ(wait_of("Sun, 06 Nov 1994 08:31:00 GMT"), 250ms) << "in the past: the backoff applies";
  EXPECT_EQ(wait_of(std::nullopt), 30min + 3s);
  EXPECT_EQ(wait_of("today"), 30min + 3s);
}

TEST(FetchScheduler, ReportsHoldWithHostAndEnd) {
  FetchBench bench;
  bench.wall_now = common::WallTime(std::chrono::sys_days(std::chrono::year{2030} / 1 / 1));
  bench.Submit(Job(1, "p"));
  bench.Step();
  bench.Answer("/token", RetryAfter(Status(429), "7"));
  bench.Wait(7s);
  bench.Step();
  bench.Answer("/token", Token("t"));
  bench.Answer("/p", RetryAfter(Status(503), "Tue, 01 Jan 2030 05:00:00 GMT"));
  EXPECT_THAT(bench.events.held, ElementsAre("token 7000 ms until 2030-01-01T00:00:07.000Z",
                                             "process 5000 ms until 2030-01-01T00:00:05.000Z"));
}

TEST(FetchScheduler, HalvesConcurrencyOn503OnlyWithRetryAfter) {
  for (const bool names_a_time : {false, true}) {
    FetchBench bench;
    bench.GetToken();
    for (JobId id = 1; id <= 8; ++id) bench.Submit(Job(id, "p" + std::to_string(id)));
    bench.Step();
    bench.Wait(50ms);
    bench.Settle([&](const HttpRequest&) {
      return names_a_time ? RetryAfter(Status(503), "5") : Status(503);
    });
    EXPECT_EQ(bench.events.concurrency_limit == 4, names_a_time);
  }
}

TEST(FetchScheduler, NeverExceedsLimitWhenStormEnds) {
  FetchSettings settings = FetchBench::DefaultSettings();
  settings.max_in_flight = 64;
  FetchBench bench(settings);
  for (JobId id = 1; id <= 1000; ++id) bench.Submit(Job(id, "p" + std::to_string(id)));
  std::size_t most = 0;
  const auto storm = [&](const HttpRequest& request) {
    if (request.url.ends_with("/token")) return Token("t", 3600);
    most = std::max(most, bench.transport.under_way().size());
    return RetryAfter(Status(429), "5");
  };
  bench.Run(4s, storm);
  EXPECT_EQ(most, 8U) << "the requests in flight when it began";
  most = 0;
  bench.Run(60s, storm);
  EXPECT_LE(most, 4U);
  most = 0;
  const std::size_t before = bench.transport.log().size();
  bench.Run(60s, storm);
  EXPECT_EQ(most, 1U);
  EXPECT_EQ(bench.transport.log().size() - before, 12U) << "one whenever the host allows it";
  EXPECT_THAT(bench.ended, IsEmpty());
  bench.Run(2min, Healthy);
  EXPECT_EQ(bench.ended.size(), 1000U);
}

TEST(FetchScheduler, IgnoresRetryAfterOfSuccessAndInvalidOne) {
  FetchBench bench;
  bench.GetToken();
  bench.Submit(Job(1, "p"));
  bench.Step();
  bench.Answer("/p", RetryAfter(kFound, "30"));
  EXPECT_EQ(bench.transport.CountUnderWay("/d-p"), 1U);
  bench.Answer("/d-p", RetryAfter(Status(503), "whenever"));
  EXPECT_EQ(bench.scheduler.NextDue(bench.now), bench.now + 250ms);
}

TEST(FetchScheduler, KeepsConcurrencyLimitAndRaisesIt) {
  FetchSettings settings = FetchBench::DefaultSettings();
  settings.max_in_flight = 20;
  FetchBench bench(settings);
  bench.GetToken();
  for (JobId id = 1; id <= 100; ++id) bench.Submit(Job(id, "p" + std::to_string(id)));
  bench.Step();
  const std::size_t first = bench.transport.under_way().size();
  EXPECT_EQ(first, 8U);
  EXPECT_EQ(bench.events.in_flight, 8);
  std::size_t most = 0;
  bench.Settle([&](const HttpRequest& request) {
    most = std::max(most, bench.transport.under_way().size());
    return Healthy(request);
  });
  EXPECT_EQ(most, 20U);
  EXPECT_EQ(bench.events.concurrency_limit, 20);
  EXPECT_EQ(bench.ended.size(), 100U);
  EXPECT_EQ(bench.events.in_flight, 0);
}

TEST(FetchScheduler, HalvesConcurrencyOncePerRoundTripOnCongestion) {
  for (const HttpReply& reply :
       {Status(429), Fault(TransportFault::kTimeout), Fault(TransportFault::kNoRoom)}) {
    FetchBench bench;
    bench.GetToken();
    for (JobId id = 1; id <= 8; ++id) bench.Submit(Job(id, "p" + std::to_string(id)));
    bench.Step();
    bench.Wait(50ms);
    bench.Settle([&](const HttpRequest&) { return reply; });
    EXPECT_EQ(bench.events.concurrency_limit, 4) << "once for the round trip";
  }
}

TEST(FetchScheduler, KeepsRateLimit) {
  FetchSettings settings = FetchBench::DefaultSettings();
  settings.rate_limit = 10;
  FetchBench bench(settings);
  for (JobId id = 1; id <= 500; ++id) bench.Submit(Job(id, "p" + std::to_string(id)));
  bench.Run(10s, Healthy);
  EXPECT_NEAR(static_cast<double>(bench.transport.log().size()), 101, 2);
}

TEST(FetchScheduler, DropsAllJobsOnCancelAll) {
  FetchBench bench;
  bench.GetToken();
  bench.Submit(Job(1, "p"));
  bench.Submit(Job(2, "p"));
  bench.Submit(Job(3, "q"));
  bench.Submit({.id = 4, .dossier = common::DossierId("."), .process = common::ProcessId("p")});
  bench.Step();
  bench.Submit({.id = 5, .dossier = common::DossierId("."), .process = common::ProcessId("p")});
  bench.Answer("/q", Status(500));
  bench.ended.clear();
  bench.transport.Answer(0, kFound);  // Received but not yet collected.
  bench.scheduler.CancelAll();
  EXPECT_EQ(bench.scheduler.pending(), 0U);
  EXPECT_EQ(bench.events.in_flight, 0);
  EXPECT_EQ(bench.transport.cancelled().size(), 1U);
  bench.Run(1h, Healthy);
  EXPECT_THAT(bench.ended, IsEmpty());
  EXPECT_EQ(bench.scheduler.NextDue(bench.now), TimePoint::max());

  bench.Submit(Job(6, "p"));
  bench.Run(1s, Healthy);
  EXPECT_EQ(bench.ended.size(), 1U);
}

TEST(FetchScheduler, CancelsSomeJobsAndContinuesWithNextOfTheirProcesses) {
  FetchBench bench;
  bench.GetToken();
  bench.Submit(Job(1, "p"));
  bench.Submit(Job(2, "p"));
  bench.Submit(Job(3, "p"));
  bench.Submit(Job(4, "q"));
  bench.Submit(Job(5, "r"));
  bench.Step();
  bench.Answer("/q", Status(503));  // Waits for its next attempt.
  bench.scheduler.Cancel({1, 2, 4});
  EXPECT_EQ(bench.transport.cancelled().size(), 1U) << "job 1, the only one in flight";
  EXPECT_EQ(bench.events.in_flight, 1);
  EXPECT_EQ(bench.scheduler.pending(), 2U);
  bench.Run(10s, Healthy);
  EXPECT_THAT(bench.ended, UnorderedElementsAre(StartsWith("3: "), StartsWith("5: ")));
  bench.Submit(Job(6, "p"));
  bench.Run(10s, Healthy);
  EXPECT_EQ(bench.ended.size(), 3U);
}

TEST(FetchScheduler, KeepsTokenOnCancelAll) {
  FetchBench bench;
  bench.Submit(Job(1, "p"));
  bench.Step();
  bench.scheduler.CancelAll();
  bench.Answer("/token", Token("t"));
  bench.Submit(Job(2, "p"));
  bench.Settle(Healthy);
  EXPECT_EQ(bench.transport.CountAsked("/token"), 1U);
  EXPECT_EQ(bench.ended.size(), 1U);
}

TEST(FetchScheduler, ReportsEveryAttempt) {
  FetchBench bench;
  bench.Submit(Job(7, "p"));
  bench.Step();
  bench.Answer("/token", Token("t"));
  EXPECT_EQ(bench.events.last_job, std::nullopt);
  bench.Answer("/p", Status(503, R"({"traceId":"x1"})"));
  EXPECT_EQ(bench.events.last_job, 7U);
  bench.Wait(1s);
  bench.Step();
  bench.Answer("/p", Fault(TransportFault::kTimeout));
  bench.Wait(1s);
  bench.Step();
  bench.Answer("/p", kPending);
  bench.Wait(2s);
  bench.Step();
  bench.Answer("/p", kFound);
  bench.Answer("/d-p", Status(410));
  EXPECT_THAT(bench.events.attempts, ElementsAre("token ok", "process retry", "process timeout",
                                                 "process retry", "process ok", "dossier gone"));
  EXPECT_THAT(bench.events.trace_ids, ElementsAre("", "x1", "", "", "", ""));
}

TEST(FetchScheduler, EndsEachJobOnceInOrderOfItsProcessUnderRandomFaults) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  RecordProperty("seed", std::to_string(seed));
  std::mt19937_64 random(seed);
  FetchSettings settings = FetchBench::DefaultSettings();
  settings.breaker_failures = 3;
  settings.max_in_flight = 16;
  settings.max_held_bytes = 60;
  FetchBench bench(settings);
  std::map<JobId, std::string> process_of;
  const auto script = [&](const HttpRequest& request) -> std::optional<HttpReply> {
    switch (random() % 12) {
      case 0:
        return kError;
      case 1:
        return Status(401);
      case 2:
        return RetryAfter(Status(429), std::to_string(random() % 20));
      case 3:
        return Fault(TransportFault::kTimeout);
      case 4:
        return Json("?");
      case 5:
        return Status(404);
      case 6:
        return Status(random() % 2 == 0 ? 410 : 403);
      default:
        return request.url.ends_with("/token") ? Token("t", static_cast<int>(random() % 30))
                                               : Healthy(request);
    }
  };
  for (JobId id = 1; id <= 400; ++id) {
    process_of[id] = "p" + std::to_string(random() % 60);
    bench.Submit(Job(id, process_of[id]));
    bench.unit_random = static_cast<double>(random() % 1000) / 1000;
    if (random() % 4 == 0) bench.Run(std::chrono::milliseconds(random() % 3000), script);
  }
  bench.Run(24h, script);
  EXPECT_EQ(bench.scheduler.pending(), 0U);
  EXPECT_EQ(bench.ended.size(), 400U);
  std::map<std::string, JobId> last_of_process;
  std::set<JobId> seen;
  for (const std::string& text : bench.ended) {
    const JobId id = std::stoull(text);
    EXPECT_TRUE(seen.insert(id).second) << text;
    EXPECT_GT(id, last_of_process[process_of[id]]) << text;
    last_of_process[process_of[id]] = id;
  }
}

}  // namespace
}  // namespace consumer
