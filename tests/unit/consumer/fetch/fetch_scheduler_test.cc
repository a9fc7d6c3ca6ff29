#include "consumer/fetch/fetch_scheduler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/consumer/fetch/fetch_bench.h"

namespace consumer {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using TimePoint = FetchScheduler::TimePoint;

std::string FieldOf(const HttpRequest& request, const std::string& name) {
  for (const auto& [field, value] : request.fields) {
    if (field == name) return value;
  }
  return "(absent)";
}

TEST(FetchScheduler, FetchesProcessThenDossier) {
  FetchBench bench;
  bench.Submit(Job(1, "p"));
  EXPECT_THAT(bench.transport.under_way(), IsEmpty());
  bench.Step();
  bench.Answer("/token", Token("t1"));
  ASSERT_EQ(bench.transport.under_way().size(), 1U);
  const HttpRequest& process = bench.transport.under_way()[0];
  EXPECT_EQ(process.method, "GET");
  EXPECT_EQ(process.url, "https://api.test/assure/dossiers/d-p/processes/p");
  EXPECT_EQ(FieldOf(process, "Authorization"), "Bearer t1");
  EXPECT_EQ(process.timeout, 10s);
  EXPECT_EQ(process.max_response, 4U * 1024 * 1024);
  bench.Answer("/p", Json(R"( {"status":"accepted", "n":1.0} )"));
  ASSERT_EQ(bench.transport.under_way().size(), 1U);
  EXPECT_EQ(bench.transport.under_way()[0].url, "https://api.test/assure/dossiers/d-p");
  EXPECT_THAT(bench.ended, IsEmpty());
  bench.Answer("/d-p", Json(R"({"d":[]})"));
  EXPECT_THAT(
      bench.ended,
      ElementsAre(R"(1: process={"status":"accepted", "n":1.0} dossier={"d":[]} (2 attempts))"));
  EXPECT_EQ(bench.scheduler.pending(), 0U);
  EXPECT_EQ(bench.scheduler.NextDue(bench.now), TimePoint::max());
}

TEST(FetchScheduler, ReportsFetchTime) {
  FetchBench bench;
  bench.GetToken();
  bench.Submit(Job(1, "p"));
  bench.Step();
  bench.Answer("/p", Json("{}"));
  bench.wall_now += 5s;
  bench.transport.Answer(0, Json("{}"));
  const auto results = bench.scheduler.Advance(bench.now);
  ASSERT_EQ(results.size(), 1U);
  EXPECT_EQ(std::get<Fetched>(results[0].outcome).fetched_at, bench.wall_now);
}

TEST(FetchScheduler, MeasuresAFetchFromItsFirstAttempt) {
  FetchBench bench;
  bench.Submit(Job(1, "p"));
  bench.Step();
  bench.Wait(40s);  // Before the first attempt: there is no token.
  bench.Answer("/token", Token("t1"));
  bench.Wait(300ms);
  bench.Answer("/p", kError);
  while (bench.transport.under_way().empty()) {
    bench.now = bench.scheduler.NextDue(bench.now);
    bench.Step();
  }
  bench.Wait(200ms);
  bench.Answer("/p", Json("{}"));
  bench.transport.Answer(0, Json("{}"));
  const auto results = bench.scheduler.Advance(bench.now);
  ASSERT_EQ(results.size(), 1U);
  EXPECT_EQ(results[0].effort.attempts, 3);
  EXPECT_GT(results[0].effort.elapsed, 500ms) << "the wait for the second attempt counts";
  EXPECT_LT(results[0].effort.elapsed, 40s) << "the wait for the token does not";
}

TEST(FetchScheduler, FetchesOnlyConfiguredResources) {
  FetchSettings only_process = FetchBench::DefaultSettings();
  only_process.wants_dossier = false;
  FetchBench a(only_process);
  a.Submit(Job(1, "p"));
  a.Settle(Healthy);
  EXPECT_THAT(a.ended, ElementsAre(R"(1: process={"status":"accepted"} dossier=- (1 attempts))"));

  FetchSettings only_dossier = FetchBench::DefaultSettings();
  only_dossier.wants_process = false;
  FetchBench b(only_dossier);
  b.Submit(Job(1, "p"));
  b.Settle(Healthy);
  EXPECT_THAT(b.ended, ElementsAre(R"(1: process=- dossier={"d":1} (1 attempts))"));
}

TEST(FetchScheduler, EncodesIdsInUrl) {
  FetchBench bench;
  bench.GetToken();
  bench.Submit({.id = 1,
                .dossier = common::DossierId("a/b?c"),
                .process = common::ProcessId("ø x"),
                .is_final = true});
  bench.Step();
  EXPECT_EQ(bench.transport.under_way().at(0).url,
            "https://api.test/assure/dossiers/a%2Fb%3Fc/processes/%C3%B8%20x");
}

TEST(FetchScheduler, RejectsDotSegmentIdsWithoutRequest) {
  FetchBench bench;
  bench.GetToken();
  const std::size_t asked = bench.transport.log().size();
  bench.Submit({.id = 1, .dossier = common::DossierId(".."), .process = common::ProcessId("p")});
  bench.Submit({.id = 2, .dossier = common::DossierId("d"), .process = common::ProcessId(".")});
  EXPECT_EQ(bench.scheduler.pending(), 2U);
  EXPECT_EQ(bench.scheduler.NextDue(bench.now), bench.now);
  bench.Step();
  EXPECT_THAT(bench.ended, ElementsAre("1: rejected 0 (0 attempts)", "2: rejected 0 (0 attempts)"));
  EXPECT_EQ(bench.transport.log().size(), asked);
}

TEST(FetchScheduler, StripsWhiteSpaceAndByteOrderMarkAroundObject) {
  for (const std::vector<std::string>& redact :
       {std::vector<std::string>{}, {"/process/nothing", "/dossier/nothing"}}) {
    FetchSettings settings = FetchBench::DefaultSettings();
    settings.redact = redact;
    FetchBench bench(settings);
    bench.GetToken();
    bench.Submit(Job(1, "p"));
    bench.Step();
    bench.Answer("/p", Json("\xEF\xBB\xBF {\"a\": \"}\"}\r\n"));
    bench.Answer("/d-p", Json("\t{}\n"));
    EXPECT_THAT(bench.ended, ElementsAre(R"(1: process={"a": "}"} dossier={} (2 attempts))"));
  }
}

TEST(FetchScheduler, RemovesRedactedFields) {
  FetchSettings settings = FetchBench::DefaultSettings();
  settings.redact = {"/process/finalResult/name", "/dossier/secret", "/dossier/list/0"};
  FetchBench bench(settings);
  bench.Submit(Job(1, "p"));
  bench.Settle([](const HttpRequest& request) -> std::optional<HttpReply> {
    if (request.url.ends_with("/token")) return Token("t");
    if (request.url.ends_with("/p")) {
      return Json(R"({"status":"accepted","finalResult":{"name":"Ingrid","n":1.50},"secret":1})");
    }
    return Json(R"({"secret":"x","list":[1,2],"finalResult":{"name":"kept"}})");
  });
  EXPECT_THAT(bench.ended,
              ElementsAre(R"(1: process={"status":"accepted","finalResult":{"n":1.50},"secret":1} )"
                          R"(dossier={"list":[2],"finalResult":{"name":"kept"}} (2 attempts))"));
}

TEST(FetchScheduler, JudgesTheWholeAnswerThoughNothingOfItIsPublished) {
  FetchSettings settings = FetchBench::DefaultSettings();
  settings.publish = PublishMode::kReference;
  settings.keep.emplace();
  FetchBench bench(settings);
  bench.GetToken();
  bench.Submit(Job(1, "p"));
  bench.Step();
  bench.Answer("/p", Json(R"({"status":"pending","finalResult":{"name":"Ingrid"}})"));
  EXPECT_THAT(bench.ended, IsEmpty());  // An unfinished process is asked for again.
  bench.Run(std::chrono::minutes(1), [](const HttpRequest& request) -> std::optional<HttpReply> {
    return request.url.ends_with("/p") ? Json(R"({"status":"accepted"})") : Json("{}");
  });
  EXPECT_THAT(
      bench.ended,
      ElementsAre(
          R"(1: process={"sha256":")"
          R"(0ba7c0356149946bf0642fab4ef85b95e7090f6f785d0fb84323d0c442e5190a","bytes":21} )"
          R"(dossier={"sha256":")"
          R"(44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","bytes":2} )"
          R"((3 attempts))"));
}

struct CourseCase {
  const char* name;
  std::vector<HttpReply> process;  ///< The last one repeats.
  std::vector<HttpReply> dossier;
  const char* result;
  bool is_final = true;
};
void PrintTo(const CourseCase& c, std::ostream* out) { *out << c.name; }

class FetchCourse : public testing::TestWithParam<CourseCase> {};

TEST_P(FetchCourse, EndsAsTabulated) {
  FetchSettings settings = FetchBench::DefaultSettings();
  settings.breaker_failures = 1'000'000;  // As if other callbacks succeeded in between.
  FetchBench bench(settings);
  bench.Submit(Job(1, "p", GetParam().is_final));
  std::size_t processes = 0;
  std::size_t dossiers = 0;
  const auto next = [](const std::vector<HttpReply>& replies, std::size_t& count) {
    return replies.at(std::min(count++, replies.size() - 1));
  };
  bench.Run(7h, [&](const HttpRequest& request) -> std::optional<HttpReply> {
    if (request.url.ends_with("/token")) return Token("t", 100'000);
    if (request.url.ends_with("/p")) return next(GetParam().process, processes);
    return next(GetParam().dossier, dossiers);
  });
  EXPECT_THAT(bench.ended, ElementsAre(testing::MatchesRegex(GetParam().result)));
}

INSTANTIATE_TEST_SUITE_P(
    Rows, FetchCourse,
    testing::Values(
        CourseCase{"found", {kFound}, {Json("{}")}, R"(1: process=.* dossier=.. \(2 attempts\))"},
        CourseCase{"gone", {Status(410)}, {}, R"(1: gone 410 \(1 attempts\))"},
        CourseCase{"missing", {Status(404)}, {}, R"(1: gone 404 \([0-9]+ attempts\))"},
        CourseCase{"missing_at_first",
                   {Status(404), Status(404), kFound},
                   {Json("{}")},
                   R"(1: process=.* dossier=.. \(4 attempts\))"},
        CourseCase{"rejected",
                   {Status(422, R"({"traceId":"abc"})")},
                   {},
                   R"(1: rejected 422 abc \(1 attempts\))"},
        CourseCase{"bad_request", {Status(400)}, {}, R"(1: rejected 400 \(1 attempts\))"},
        CourseCase{"no_object",
                   {Json("[1]"), Json("x"), Json("")},
                   {},
                   R"(1: unreadable-response 200 \(3 attempts\))"},
        CourseCase{"no_object_twice",
                   {Json("[1]"), Json("x"), kFound},
                   {Json("{}")},
                   R"(1: process=.* dossier=.. \(4 attempts\))"},
        CourseCase{"no_content", {Status(204)}, {}, R"(1: unreadable-response 204 \(3 attempts\))"},
        CourseCase{"dossier_no_object",
                   {kFound},
                   {Json("[1]")},
                   R"(1: unreadable-response 200 \(4 attempts\))"},
        CourseCase{"forbidden_until_too_old",
                   {Status(403, R"({"traceId":"t-403"})")},
                   {},
                   R"(1: too-old 403 t-403 \([0-9]+ attempts\))"},
        CourseCase{
            "pending_until_too_old", {kPending}, {}, R"(1: too-old 200 \([0-9]+ attempts\))"},
        CourseCase{"processing_at_first",
                   {Json(R"({"status":"processing"})"), kPending, kFound},
                   {Json("{}")},
                   R"(1: process=.*accepted.* dossier=.. \(4 attempts\))"},
        CourseCase{"pending_as_the_callback_says",
                   {kPending},
                   {Json("{}")},
                   R"(1: process=.*pending.* dossier=.. \(2 attempts\))",
                   false},
        CourseCase{"errors_then_found",
                   {kError, Fault(TransportFault::kTimeout), Fault(TransportFault::kDns),
                    Fault(TransportFault::kTls), Fault(TransportFault::kBroken), Status(429),
                    Status(408), Status(425), kFound},
                   {kError, Json("{}")},
                   R"(1: process=.* dossier=.. \(11 attempts\))"},
        CourseCase{"dossier_missing",
                   {kFound},
                   {Status(404)},
                   R"(1: process=.*accepted.* dossier=- \([0-9]+ attempts\))"},
        CourseCase{"dossier_gone",
                   {kFound},
                   {Status(410)},
                   R"(1: process=.*accepted.* dossier=- \(2 attempts\))"},
        CourseCase{"dossier_rejected",
                   {kFound},
                   {Status(422)},
                   R"(1: process=.*accepted.* dossier=- \(2 attempts\))"},
        CourseCase{"dossier_forbidden_until_too_old",
                   {kFound},
                   {Status(403)},
                   R"(1: too-old 403 \([0-9]+ attempts\))"},
        CourseCase{"status_of_the_last_answer",
                   {kError, Fault(TransportFault::kTooLarge)},
                   {},
                   R"(1: too-old 500 trace-5 \([0-9]+ attempts\))"}),
    [](const auto& row) { return std::string(row.param.name); });

TEST(FetchScheduler, GivesUpAtOnceOnTooLargeAnswer) {
  FetchBench bench;
  bench.GetToken();
  bench.Submit(Job(1, "p"));
  bench.Step();
  HttpReply reply = Fault(TransportFault::kTooLarge);
  reply.status = 200;
  bench.Answer("/p", reply);
  EXPECT_THAT(bench.ended, ElementsAre("1: unreadable-response 200 (1 attempts)"));
}

TEST(FetchScheduler, GivesUpGoneDossierWithoutProcessToPublish) {
  FetchSettings settings = FetchBench::DefaultSettings();
  settings.wants_process = false;
  FetchBench bench(settings);
  bench.GetToken();
  bench.Submit(Job(1, "p"));
  bench.Step();
  bench.Answer("/d-p", Status(410));
  EXPECT_THAT(bench.ended, ElementsAre("1: gone 410 (1 attempts)"));
}

TEST(FetchScheduler, RequestsNoDossierOfUnfinishedProcess) {
  FetchBench bench;
  bench.Submit(Job(1, "p"));
  bench.Run(1h, [](const HttpRequest& request) -> std::optional<HttpReply> {
    return request.url.ends_with("/token") ? Token("t", 100'000) : kPending;
  });
  EXPECT_GT(bench.transport.CountAsked("/p"), 50U);
  EXPECT_EQ(bench.transport.CountAsked("/d-p"), 0U);
}

TEST(FetchScheduler, WaitsForBackoffBeforeRetry) {
  FetchBench bench;
  bench.GetToken();
  bench.Submit(Job(1, "p"));
  bench.Step();
  bench.Answer("/p", Status(500));
  EXPECT_EQ(bench.scheduler.NextDue(bench.now), bench.now + 250ms);
  bench.Wait(249ms);
  bench.Step();
  EXPECT_THAT(bench.transport.under_way(), IsEmpty());
  bench.Wait(1ms);
  bench.Step();
  EXPECT_EQ(bench.transport.CountUnderWay("/p"), 1U);
  bench.Answer("/p", Status(500));
  EXPECT_EQ(bench.scheduler.NextDue(bench.now), bench.now + 500ms);
}

TEST(FetchScheduler, RetriesOnlyDossierOnceProcessIsFetched) {
  FetchBench bench;
  bench.Submit(Job(1, "p"));
  int dossiers = 0;
  bench.Run(1h, [&](const HttpRequest& request) -> std::optional<HttpReply> {
    if (request.url.ends_with("/d-p")) return ++dossiers < 4 ? kError : Json("{}");
    return Healthy(request);
  });
  EXPECT_EQ(bench.transport.CountAsked("/p"), 1U);
  EXPECT_EQ(bench.transport.CountAsked("/d-p"), 4U);
  EXPECT_THAT(bench.ended,
              ElementsAre(R"(1: process={"status":"accepted"} dossier={} (5 attempts))"));
}

TEST(FetchScheduler, FetchesProcessAgainIfItWasDropped) {
  FetchSettings settings = FetchBench::DefaultSettings();
  settings.max_held_bytes = 10;
  FetchBench bench(settings);
  bench.Submit(Job(1, "p"));
  int dossiers = 0;
  bench.Run(1h, [&](const HttpRequest& request) -> std::optional<HttpReply> {
    if (request.url.ends_with("/d-p")) return ++dossiers < 4 ? kError : Json("{}");
    return Healthy(request);
  });
  EXPECT_EQ(bench.transport.CountAsked("/p"), 4U);
  EXPECT_THAT(bench.ended,
              ElementsAre(R"(1: process={"status":"accepted"} dossier={} (8 attempts))"));
}

TEST(FetchScheduler, FreesHeldBytesOfFinishedJobs) {
  FetchSettings settings = FetchBench::DefaultSettings();
  settings.max_held_bytes = 100;
  FetchBench bench(settings);
  for (JobId id = 1; id <= 50; ++id) bench.Submit(Job(id, "p" + std::to_string(id)));
  bench.Run(1s, Healthy);
  ASSERT_EQ(bench.ended.size(), 50U);
  bench.Submit(Job(51, "last"));
  int dossiers = 0;
  bench.Run(1min, [&](const HttpRequest& request) -> std::optional<HttpReply> {
    return request.url.ends_with("/d-last") && ++dossiers < 3 ? kError : Healthy(request);
  });
  EXPECT_EQ(bench.ended.size(), 51U);
  EXPECT_EQ(bench.transport.CountAsked("/last"), 1U);
}

}  // namespace
}  // namespace consumer
