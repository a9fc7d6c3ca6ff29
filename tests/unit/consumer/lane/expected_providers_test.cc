// Callbacks of announced processes that come by another route.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "common/domain/reconciled.h"
#include "tests/unit/consumer/lane/expected_bench.h"

namespace consumer {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(ExpectedProcess, FindsCallbackOfAnotherRoute) {
  ExpectedBench bench;
  bench.AssignAndRestore({0});
  bench.ArrivesNow("p1", "accepted", "readid");
  bench.Turn();
  bench.fetcher.FinishAll();
  bench.Turn();
  bench.Announce("p1");  // onfido
  bench.Later(1h);
  bench.fetcher.Finish("p1");
  bench.Turn();
  EXPECT_THAT(bench.Published(), ElementsAre("p1"));
  EXPECT_THAT(bench.events.elsewhere, ElementsAre("onfido by readid"));
}

TEST(ExpectedProcess, FindsCallbackOfRouteWithoutRow) {
  for (const bool is_restarted : {false, true}) {
    for (const std::string status : {"accepted", ""}) {
      SCOPED_TRACE(status + (is_restarted ? ", after a restart" : ""));
      ExpectedBench bench;
      bench.AssignAndRestore({0});
      bench.ArrivesNow("p1", status, "onfdo");
      bench.Turn();
      bench.fetcher.FinishAll();
      bench.Turn();
      ASSERT_THAT(bench.Published(), ElementsAre("p1"));
      bench.Later(5h);
      bench.Announce("p1");
      if (is_restarted) bench.Restart();
      bench.Later(2h);
      ASSERT_THAT(bench.Looks(), ElementsAre("p1"));
      bench.fetcher.Finish("p1");
      bench.Turn();
      EXPECT_THAT(bench.Published(), SizeIs(1));
      EXPECT_THAT(bench.events.elsewhere, ElementsAre("onfido by unknown"));
    }
  }
}

TEST(ExpectedProcess, WaitsForCallbackInHandOfRouteWithoutRow) {
  ExpectedBench bench;
  bench.AssignAndRestore({0});
  bench.ArrivesNow("p1", "accepted", "onfdo");
  bench.Turn();
  const FetchJob fetch = bench.fetcher.jobs.at(0);
  bench.fetcher.jobs.clear();  // The API does not answer it.
  bench.Announce("p1");
  bench.Later(1h);
  ASSERT_THAT(bench.Looks(), ElementsAre("p1"));
  bench.fetcher.Finish("p1");
  bench.Turn();
  EXPECT_THAT(bench.Published(), IsEmpty());
  bench.fetcher.jobs.push_back(fetch);
  bench.fetcher.Finish("p1");
  bench.Later(1h);
  EXPECT_THAT(bench.Published(), ElementsAre("p1"));
}

TEST(ExpectedProcess, ComparesRedrivenLetterThatWasMalformed) {
  ExpectedBench bench;
  bench.AssignAndRestore({0});
  bench.Announce("p1");  // onfido
  bench.Later(1h);
  bench.fetcher.Finish("p1");
  bench.Turn();
  ASSERT_THAT(bench.Published(), ElementsAre("p1"));
  for (const std::string reason : {"malformed", "rejected"}) {
    auto& log = bench.kafka.callbacks[Partition(0)];
    log.push_back({Partition(0),
                   Offset(std::ssize(log)),
                   bench.wall_now,
                   "p1",
                   R"({"dossierId":"d","processId":"p1","status":"accepted"})",
                   {{"provider", "readid"},
                    {std::string(common::header::kRedrive), reason},
                    {std::string(common::header::kRedriveReason), reason}}});
    bench.Turn();
    bench.fetcher.FinishAll();
    bench.Turn();
    EXPECT_THAT(bench.Published(), SizeIs(reason == "malformed" ? 1 : 2)) << reason;
  }
}

TEST(ExpectedProcess, DistinguishesRoutesWithoutRow) {
  ExpectedBench bench;
  bench.AssignAndRestore({0});
  for (const std::string route : {"onfdo", "onfido"}) {
    bench.ArrivesNow("p1", "accepted", route);
    bench.Turn();
    bench.fetcher.FinishAll();
    bench.Turn();
  }
  EXPECT_THAT(bench.Published(), SizeIs(2))
      << "who knows no secret of a provider suppresses nothing";
}

TEST(ExpectedProcess, MakesLaterCallbackOfAnotherRouteDuplicate) {
  ExpectedBench bench;
  bench.AssignAndRestore({0});
  bench.Announce("p1");  // onfido
  bench.Later(1h);
  bench.fetcher.Finish("p1");
  bench.Turn();
  bench.ArrivesNow("p1", "accepted", "readid");
  bench.Turn();
  EXPECT_THAT(bench.fetcher.jobs, IsEmpty());
  bench.Restart();
  bench.ArrivesNow("p1", "accepted", "readid");
  bench.Turn();
  EXPECT_THAT(bench.fetcher.jobs, IsEmpty());
  EXPECT_THAT(bench.Published(), ElementsAre("p1"));
}

TEST(ExpectedProcess, KeepsUnknownProviderName) {
  ExpectedBench bench;
  bench.AssignAndRestore({0});
  bench.Announce("p1", {}, "newcomer");
  bench.Later(1h);
  bench.fetcher.Finish("p1");
  bench.Turn();
  ASSERT_THAT(bench.Published(), SizeIs(1));
  EXPECT_EQ(common::LastHeader(bench.kafka.processes[0].headers, "provider"), "newcomer");
  bench.ArrivesNow("p1", "accepted", "newcomer");
  bench.Turn();
  EXPECT_THAT(bench.fetcher.jobs, IsEmpty());
}

}  // namespace
}  // namespace consumer
