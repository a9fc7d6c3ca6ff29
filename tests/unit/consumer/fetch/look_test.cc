// Looks at announced processes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/consumer/fetch/fetch_bench.h"

namespace consumer {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

FetchJob Look(JobId id, const std::string& process) {
  FetchJob job = Job(id, process);
  job.is_look = true;
  return job;
}

std::string NotFinishedAs(Reaction why) {
  return "1: not finished, " + std::to_string(static_cast<int>(why)) + " (1 attempts)";
}

const HttpReply kFinished = Json(R"({"status":"accepted","updatedAt":"2026-11-23T12:00:00Z"})");

TEST(Look, FetchesFinishedProcessWithItsDossier) {
  FetchBench bench;
  bench.GetToken();
  bench.Submit(Look(1, "p"));
  bench.Step();
  bench.Answer("/p", kFinished);
  bench.Answer("/d-p", Json("{}"));
  EXPECT_THAT(bench.ended,
              ElementsAre(R"(1: process={"status":"accepted","updatedAt":"2026-11-23T12:00:00Z"})"
                          " dossier={} status=accepted updated 2026-11-23T12:00:00.000Z"
                          " (2 attempts)"));
}

TEST(Look, AsksForTheProcessAlsoIfOnlyTheDossierIsPublished) {
  FetchSettings settings = FetchBench::DefaultSettings();
  settings.wants_process = false;
  FetchBench bench(settings);
  bench.GetToken();
  bench.Submit(Look(1, "p"));
  bench.Step();
  bench.Answer("/p", Json(R"({"status":"rejected"})"));
  bench.Answer("/d-p", Json("{}"));
  EXPECT_THAT(bench.ended, ElementsAre("1: process=- dossier={} status=rejected (2 attempts)"));
}

struct Row {
  const char* name;
  HttpReply reply;
  Reaction why;
};
void PrintTo(const Row& row, std::ostream* out) { *out << row.name; }

class LookAnswered : public testing::TestWithParam<Row> {};

TEST_P(LookAnswered, EndsWithItsFirstAnswer) {
  FetchBench bench;
  bench.GetToken();
  bench.Submit(Look(1, "p"));
  bench.Step();
  bench.Answer("/p", GetParam().reply);
  EXPECT_THAT(bench.ended, ElementsAre(NotFinishedAs(GetParam().why)));
  EXPECT_THAT(bench.transport.under_way(), IsEmpty());
  EXPECT_EQ(bench.scheduler.pending(), 0U);
}

INSTANTIATE_TEST_SUITE_P(Rows, LookAnswered,
                         testing::Values(Row{"pending", kPending, Reaction::kAwait},
                                         Row{"not_found", Status(404), Reaction::kRetryMissing},
                                         Row{"gone", Status(410), Reaction::kGone},
                                         Row{"error", kError, Reaction::kRetry},
                                         Row{"rejected", Status(422), Reaction::kReject},
                                         Row{"no_status", Json("{}"), Reaction::kUnreadable}),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(Look, LeavesOutADossierThatIsMissing) {
  FetchBench bench;
  bench.GetToken();
  bench.Submit(Look(1, "p"));
  bench.Step();
  bench.Answer("/p", kFound);
  bench.Answer("/d-p", Status(404));
  EXPECT_THAT(bench.ended, ElementsAre(R"(1: process={"status":"accepted"} dossier=- )"
                                       "status=accepted (2 attempts)"));
}

TEST(Look, EndsIfTheDossierCannotBeFetchedNow) {
  FetchBench bench;
  bench.GetToken();
  bench.Submit(Look(1, "p"));
  bench.Step();
  bench.Answer("/p", kFound);
  bench.Answer("/d-p", kError);
  ASSERT_EQ(bench.ended.size(), 1U);
  EXPECT_THAT(bench.ended[0], testing::HasSubstr("not finished"));
}

}  // namespace
}  // namespace consumer
