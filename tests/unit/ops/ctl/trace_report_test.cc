#include "ops/ctl/trace/trace_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

namespace ctl {
namespace {

using What = TraceEvent::What;
using common::Offset;
using common::Partition;
using testing::HasSubstr;
using testing::Not;
using namespace std::chrono_literals;

constexpr common::WallTime kNoon{1'800'000'000s};

TraceReport With(TraceEvent event) {
  event.at = kNoon;
  return {.id = "p", .timeline = {.events = {std::move(event)}}};
}

TEST(TraceReport, TellsHowLongAFetchTook) {
  TraceEvent result{.what = What::kPublished,
                    .topic = TraceEvent::Topic::kProcesses,
                    .place = {Partition(0), Offset(0)}};
  result.attempts = 3;
  EXPECT_THAT(RenderText(With(result), {}), HasSubstr("  3 requests\n")) << "an older release";
  EXPECT_THAT(RenderJson(With(result), {}), Not(HasSubstr("fetchMs")));
  for (const auto& [took, text] :
       {std::pair{43ms, "in 43ms"}, {4'249ms, "in 4.2s"}, {75'000ms, "in 1m15s"}}) {
    result.fetch_time = took;
    EXPECT_THAT(RenderText(With(result), {}),
                HasSubstr("  3 requests " + std::string(text) + "\n"));
  }
  EXPECT_THAT(RenderJson(With(result), {}), HasSubstr(R"("attempts":3,"fetchMs":75000)"));
}

TEST(TraceReport, TellsWhichCopyCameFromTheSpool) {
  EXPECT_THAT(
      RenderText(
          With({.what = What::kDuplicate, .place = {Partition(0), Offset(0)}, .is_spooled = true}),
          {}),
      HasSubstr("duplicate  callbacks 0:0  from the spool\n"));
  EXPECT_THAT(
      RenderText(
          With({.what = What::kSpooled, .place = {Partition(0), Offset(0)}, .is_spooled = true}),
          {}),
      Not(HasSubstr("from the spool")));
  EXPECT_THAT(
      RenderJson(
          With({.what = What::kDuplicate, .place = {Partition(0), Offset(0)}, .is_spooled = true}),
          {}),
      HasSubstr(R"("spooled":true)"));
}

TEST(TraceReport, NamesOwnerOfSecretForCallbackWithoutRow) {
  const TraceReport report = With(
      {.place = {Partition(0), Offset(0)}, .provider = "redaid", .authenticated_as = "readid"});
  EXPECT_THAT(RenderText(report, {}), HasSubstr("  redaid, authenticated as readid\n"));
  EXPECT_THAT(RenderJson(report, {}),
              HasSubstr(R"("provider":"redaid","authenticatedAs":"readid")"));
  EXPECT_THAT(RenderJson(With({.place = {Partition(0), Offset(0)}}), {}),
              Not(HasSubstr("authenticatedAs")));
}

TEST(TraceReport, TellsUntilWhenACallbackWaits) {
  TraceReport report = With({.place = {Partition(0), Offset(0)}});
  report.timeline.verdict = TraceVerdict::kWaiting;
  report.waiting = WaitingFor{
      .why = WaitingFor::Why::kBreaker, .since = kNoon, .until = kNoon + 7s, .detail = "why"};
  EXPECT_THAT(
      RenderJson(report, {}),
      HasSubstr(R"("since":"2027-01-15T08:00:00.000Z","until":"2027-01-15T08:00:07.000Z",)"));
  report.waiting->until.reset();
  EXPECT_THAT(RenderJson(report, {}), HasSubstr(R"("until":null,)"));
}

TEST(TraceReport, DoesNotClaimThatNothingIsThereWhereItMayBeElsewhere) {
  TraceReport report{.id = "p", .timeline = {}};
  EXPECT_THAT(RenderText(report, {}), HasSubstr("unknown: no record of it is on the topics\n"));
  report.may_be_elsewhere = true;
  EXPECT_THAT(RenderText(report, {}), HasSubstr("partitions were added, and --dossier finds"));
}

TEST(TraceReport, TellsOfAnAnnouncement) {
  TraceEvent announced{.what = What::kAnnounced,
                       .topic = TraceEvent::Topic::kExpected,
                       .place = {Partition(3), Offset(7)}};
  announced.provider = "onfido";
  announced.within = 30min;
  EXPECT_THAT(RenderText(With(announced), {}),
              HasSubstr("announced  callbacks.expected 3:7  onfido, due within 30m\n"));
  EXPECT_THAT(
      RenderJson(With(announced), {}),
      HasSubstr(R"("what":"announced","topic":"callbacks.expected","partition":3,"offset":7,)"
                R"("provider":"onfido","within":"30m"})"));
  announced = {.what = What::kAnnounced, .place = {Partition(3), Offset(8)}, .is_forgotten = true};
  EXPECT_THAT(RenderText(With(announced), {}), HasSubstr("no longer expected\n"));
  EXPECT_THAT(RenderText(With(announced), {}),
              testing::StartsWith("unknown: it was announced and"));
  EXPECT_THAT(RenderJson(With(announced), {}), HasSubstr(R"("forgotten":true)"));
  announced = {.what = What::kAnnounced,
               .place = {Partition(3), Offset(9)},
               .reason = "dossierId is missing"};
  EXPECT_THAT(RenderText(With(announced), {}), HasSubstr("skipped: dossierId is missing\n"));
}

TEST(TraceReport, DoesNotClaimThatAnAnnouncedProcessIsWell) {
  TraceReport report = With({.what = What::kAnnounced, .place = {Partition(3), Offset(7)}});
  report.timeline.expected = Expectation{.announced_at = kNoon};
  EXPECT_THAT(
      RenderText(report, {}),
      testing::StartsWith("unknown: it was announced at 2027-01-15T08:00:00.000Z, and neither "
                          "a callback nor a result has come; consumer no longer waits"));
}

TEST(TraceReport, TellsThatTheCallbackHadNotCome) {
  TraceReport report = With({.what = What::kReconciled,
                             .topic = TraceEvent::Topic::kProcesses,
                             .place = {Partition(0), Offset(0)}});
  report.timeline.verdict = TraceVerdict::kPublished;
  EXPECT_THAT(RenderText(report, {}),
              testing::StartsWith("published without its callback, which had not come\n"));
  EXPECT_THAT(RenderText(report, {}), HasSubstr("reconciled  processes 0:0  without its callback"));
}

}  // namespace
}  // namespace ctl
