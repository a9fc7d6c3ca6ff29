// The spans of a lane, from its callbacks to their commits.
#include "consumer/tracing/lane_traces.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "common/tracing/recording_limit.h"
#include "common/tracing/tracing_settings.h"
#include "tests/unit/common/tracing/recording_spans.h"
#include "tests/unit/consumer/lane/expected_bench.h"

namespace consumer {
namespace {

using namespace std::chrono_literals;
using common::tracing::ParseTraceparent;
using common::tracing::RecordingLimit;
using common::tracing::RecordingSpans;
using common::tracing::Span;
using common::tracing::SpanKind;
using common::tracing::SpanStatus;
using common::tracing::SpanTime;
using common::tracing::ValueOf;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

const std::string kSampled = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
const std::string kUnsampled = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00";

class LaneTracesTest : public testing::Test {
 protected:
  explicit LaneTracesTest(double ratio = 0)
      : traces({.sampler = common::tracing::Sampler(ratio),
                .slower_than = 1min,
                .topics = {},
                .group = "sluice",
                .client = "consumer-0-0",
                .api_hosts = {"api.example"}},
               table, spans, {.seed = 7, .now = [this] { return SpanTime(bench.wall_now); }}) {
    bench.does_wall_clock_run = true;
  }

  void Arrives(const std::string& process, const std::string& traceparent,
               std::chrono::milliseconds ago = 0ms) {
    ArrivesReceivedAt(process, traceparent, common::FormatRfc3339(bench.wall_now - ago));
  }
  void ArrivesReceivedAt(const std::string& process, const std::string& traceparent,
                         const std::string& received_at) {
    common::RecordHeaders headers = {
        {"provider", "onfido"}, {"received-at", received_at}, {"request-id", "r-1"}};
    if (!traceparent.empty()) headers.push_back({"traceparent", traceparent});
    bench.ArrivesRaw(0, process,
                     R"({"dossierId":"d","processId":")" + process + R"(","status":"accepted"})", 0,
                     std::move(headers));
  }
  /// One request for the first job; returns its traceparent.
  std::string Attempt(AttemptResult result, int status,
                      TransportFault fault = TransportFault::kNone) {
    const FetchJob& job = bench.fetcher.jobs.at(0);
    std::string traceparent = traces.AttemptStarts(job, Resource::kProcess);
    AttemptReport report;
    report.result = result;
    report.elapsed = 20ms;
    report.http_status = status;
    report.fault = fault;
    report.job = &job;
    traces.AttemptEnded(report);
    return traceparent;
  }
  static std::vector<std::string> NamesOf(const std::vector<Span>& all) {
    std::vector<std::string> names;
    for (const Span& span : all) names.push_back(span.name);
    return names;
  }
  static std::string TraceparentOf(const OutgoingRecord& record) {
    return std::string(common::LastHeader(record.headers, "traceparent").value_or("none"));
  }

  common::ProviderTable table;
  RecordingSpans spans;
  LaneTraces traces;
  ExpectedBench bench{Watching(), {}, &traces};
};

TEST_F(LaneTracesTest, FollowACallbackFromItsRecordToItsResult) {
  Arrives("p1", kSampled);
  bench.AssignAndRestore({0});
  const std::string sent = Attempt(AttemptResult::kRetry, 503);
  Attempt(AttemptResult::kOk, 200);
  bench.fetcher.FinishAll();
  bench.Turn();
  ASSERT_THAT(bench.Published(), ElementsAre("p1"));

  const std::vector<Span> all = spans.Take();
  ASSERT_THAT(NamesOf(all),
              ElementsAre("process callbacks", "GET /dossiers/{dossierId}/processes/{processId}",
                          "GET /dossiers/{dossierId}/processes/{processId}", "send processes"));
  const Span& process = all[0];
  EXPECT_EQ(process.kind, SpanKind::kConsumer);
  EXPECT_EQ(process.context.trace, ParseTraceparent(kSampled)->trace);
  EXPECT_EQ(process.parent, ParseTraceparent(kSampled)->span);
  EXPECT_EQ(ValueOf(process, "messaging.system"), "kafka");
  EXPECT_EQ(ValueOf(process, "messaging.operation.type"), "process");
  EXPECT_EQ(ValueOf(process, "messaging.destination.name"), "callbacks");
  EXPECT_EQ(ValueOf(process, "messaging.destination.partition.id"), "0");
  EXPECT_EQ(ValueOf(process, "messaging.kafka.offset"), "0");
  EXPECT_EQ(ValueOf(process, "messaging.kafka.message.key"), "p1");
  EXPECT_EQ(ValueOf(process, "messaging.consumer.group.name"), "sluice");
  EXPECT_EQ(ValueOf(process, "sluice.provider"), "onfido");
  EXPECT_EQ(ValueOf(process, "sluice.process_id"), "p1");
  EXPECT_EQ(ValueOf(process, "sluice.dossier_id"), "d");
  EXPECT_EQ(ValueOf(process, "sluice.request_id"), "r-1");
  EXPECT_EQ(ValueOf(process, "sluice.outcome"), "published");
  EXPECT_EQ(process.status, SpanStatus::kUnset);

  EXPECT_EQ(all[1].kind, SpanKind::kClient);
  EXPECT_EQ(all[1].parent, process.context.span);
  EXPECT_EQ(FormatTraceparent(all[1].context), sent);
  EXPECT_EQ(all[1].end - all[1].start, 20ms);
  EXPECT_EQ(all[1].status, SpanStatus::kError);
  EXPECT_EQ(ValueOf(all[1], "error.type"), "503");
  EXPECT_EQ(ValueOf(all[1], "server.address"), "api.example");
  EXPECT_EQ(ValueOf(all[1], "http.request.resend_count"), "(none)");
  EXPECT_EQ(ValueOf(all[2], "http.request.resend_count"), "1");
  EXPECT_EQ(ValueOf(all[2], "http.response.status_code"), "200");
  EXPECT_EQ(all[2].status, SpanStatus::kUnset);

  EXPECT_EQ(all[3].kind, SpanKind::kProducer);
  EXPECT_EQ(all[3].parent, process.context.span);
  EXPECT_EQ(TraceparentOf(bench.kafka.processes.at(0)), FormatTraceparent(all[3].context));
}

TEST_F(LaneTracesTest, RecordNothingOfACallbackThatTheSamplerLeavesOut) {
  Arrives("p1", kUnsampled);
  bench.AssignAndRestore({0});
  EXPECT_FALSE(ParseTraceparent(Attempt(AttemptResult::kOk, 200))->is_sampled);
  bench.fetcher.FinishAll();
  bench.Turn();
  EXPECT_THAT(spans.Take(), IsEmpty());
  const auto of_result = ParseTraceparent(TraceparentOf(bench.kafka.processes.at(0)));
  EXPECT_EQ(of_result->trace, ParseTraceparent(kUnsampled)->trace);
  EXPECT_FALSE(of_result->is_sampled);
}

TEST_F(LaneTracesTest, RecordDeadLetterDespiteSampler) {
  Arrives("p1", kUnsampled);
  bench.AssignAndRestore({0});
  Attempt(AttemptResult::kGone, 404);
  bench.fetcher.Fail("p1", common::DeadReason::kGone, 404);
  bench.Turn();
  const std::vector<Span> all = spans.Take();
  ASSERT_THAT(NamesOf(all), ElementsAre("process callbacks", testing::_, "send callbacks.dead"));
  EXPECT_EQ(ValueOf(all[0], "sluice.outcome"), "dead");
  EXPECT_EQ(ValueOf(all[0], "error.type"), "gone");
  EXPECT_EQ(all[0].status, SpanStatus::kError);
  const std::string of_letter = TraceparentOf(bench.kafka.dead.at(0));
  EXPECT_EQ(of_letter, FormatTraceparent(all[2].context));
  EXPECT_TRUE(ParseTraceparent(of_letter)->is_sampled);
}

TEST_F(LaneTracesTest, RecordASlowCallbackCountedFromItsReceipt) {
  Arrives("p1", kUnsampled, 2min);
  bench.AssignAndRestore({0});
  bench.fetcher.FinishAll();
  bench.Turn();
  EXPECT_THAT(NamesOf(spans.Take()), ElementsAre("process callbacks", "send processes"));
  EXPECT_TRUE(ParseTraceparent(TraceparentOf(bench.kafka.processes.at(0)))->is_sampled);
}

TEST_F(LaneTracesTest, RecordAFewOfManySlowCallbacks) {
  constexpr int kCallbacks = 3'000;
  for (int i = 0; i < kCallbacks; ++i) Arrives("p" + std::to_string(i), kUnsampled, 2h);
  const common::WallTime began = bench.wall_now;
  bench.AssignAndRestore({0});
  while (bench.Published().size() < kCallbacks && bench.wall_now < began + 1h) {
    bench.fetcher.FinishAll();
    bench.Turn();
  }
  ASSERT_EQ(bench.Published().size(), std::size_t{kCallbacks});
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(bench.wall_now - began).count();
  const std::vector<std::vector<Span>> offers = spans.TakeOffers();
  EXPECT_GE(offers.size(), std::size_t{RecordingLimit::kPerSecond});
  EXPECT_LE(offers.size(), static_cast<std::size_t>((seconds + 1) * RecordingLimit::kPerSecond));
  const auto is_sampled = [](const OutgoingRecord& record) {
    return ParseTraceparent(TraceparentOf(record))->is_sampled;
  };
  EXPECT_EQ(std::ranges::count_if(bench.kafka.processes, is_sampled),
            static_cast<std::ptrdiff_t>(offers.size()))
      << "a result names a span that is recorded, if it says so";
}

TEST_F(LaneTracesTest, RecordEachDeadLetterAlthoughItIsSlow) {
  constexpr int kCallbacks = 50;
  for (int i = 0; i < kCallbacks; ++i) Arrives("p" + std::to_string(i), kUnsampled, 2h);
  bench.AssignAndRestore({0});
  for (int i = 0; i < kCallbacks; ++i) {
    bench.fetcher.Fail("p" + std::to_string(i), common::DeadReason::kGone, 410);
  }
  bench.Turn();
  EXPECT_EQ(spans.TakeOffers().size(), std::size_t{kCallbacks});
}

TEST_F(LaneTracesTest, CountFromTimesThatNanosecondsDoNotReach) {
  ArrivesReceivedAt("past", kUnsampled, "0001-01-01T00:00:00Z");
  ArrivesReceivedAt("future", kUnsampled, "9999-12-31T23:59:59.999Z");
  bench.AssignAndRestore({0});
  bench.fetcher.FinishAll();
  bench.Turn();
  ASSERT_THAT(bench.Published(), UnorderedElementsAre("past", "future"));
  const std::vector<Span> all = spans.Take();
  ASSERT_THAT(NamesOf(all), ElementsAre("process callbacks", "send processes"));
  EXPECT_EQ(ValueOf(all[0], "sluice.process_id"), "past");
}

TEST_F(LaneTracesTest, ShowARedeliveryAsAShortSpanOfItsOwnTrace) {
  Arrives("p1", kSampled);
  bench.AssignAndRestore({0});
  Arrives("p1", "00-11111111111111111111111111111111-2222222222222222-01");
  Arrives("p1", "00-33333333333333333333333333333333-2222222222222222-00");
  bench.Turn();
  const std::vector<Span> all = spans.Take();
  ASSERT_THAT(NamesOf(all), ElementsAre("process callbacks")) << "the sampler left one out";
  EXPECT_EQ(all[0].context.trace.ToHex(), "11111111111111111111111111111111");
  EXPECT_EQ(ValueOf(all[0], "sluice.redelivery"), "true");
  EXPECT_EQ(ValueOf(all[0], "sluice.outcome"), "duplicate");
  EXPECT_EQ(ValueOf(all[0], "messaging.kafka.offset"), "1");
  bench.fetcher.FinishAll();
  bench.Turn();
  EXPECT_THAT(NamesOf(spans.Take()), ElementsAre("process callbacks", "send processes"));
}

TEST_F(LaneTracesTest, RecordACallbackOnceAlthoughItsTransactionWasRepeated) {
  Arrives("p1", kSampled);
  bench.AssignAndRestore({0});
  bench.committer.script = {{CommitOutcome::kAborted}, {CommitOutcome::kAborted}};
  bench.fetcher.FinishAll();
  bench.Turn(40);
  ASSERT_THAT(bench.Published(), ElementsAre("p1"));
  EXPECT_THAT(NamesOf(spans.Take()), ElementsAre("process callbacks", "send processes"));
}

TEST_F(LaneTracesTest, ForgetCallbacksOfARevokedPartition) {
  Arrives("p1", kSampled);
  bench.AssignAndRestore({0});
  Attempt(AttemptResult::kRetry, 503);
  bench.Restart();
  bench.Turn();
  bench.fetcher.FinishAll();
  bench.Turn();
  ASSERT_THAT(bench.Published(), ElementsAre("p1"));
  EXPECT_THAT(NamesOf(spans.Take()), ElementsAre("process callbacks", "send processes"))
      << "the earlier attempt was another member's";
}

TEST_F(LaneTracesTest, ForgetCallbacksOfAPartitionThatIsRestoredAgain) {
  Arrives("p1", kSampled);
  bench.AssignAndRestore({0});
  const FetchJob earlier = bench.fetcher.jobs.at(0);
  ASSERT_NE(Attempt(AttemptResult::kOk, 200), "");
  bench.committer.script = {{CommitOutcome::kUnknown, false}};
  bench.fetcher.FinishAll();
  bench.Turn();
  ASSERT_THAT(bench.Published(), IsEmpty());
  EXPECT_EQ(traces.AttemptStarts(earlier, Resource::kProcess), "");
  bench.fetcher.FinishAll();
  bench.Turn();
  ASSERT_THAT(bench.Published(), ElementsAre("p1"));
  EXPECT_THAT(NamesOf(spans.Take()), ElementsAre("process callbacks", "send processes"));
}

TEST_F(LaneTracesTest, RecordTheDeadLetterOfAResultThatItsTopicRefuses) {
  bench.kafka.refuses = [](const OutgoingRecord& record) -> std::optional<RefusalReason> {
    if (record.topic != OutgoingTopic::kProcesses) return std::nullopt;
    return RefusalReason::kTooLarge;
  };
  Arrives("p1", kUnsampled);
  bench.AssignAndRestore({0});
  bench.fetcher.FinishAll();
  bench.Turn(5);
  ASSERT_EQ(bench.kafka.dead.size(), 1U);
  const std::vector<Span> all = spans.Take();
  ASSERT_THAT(NamesOf(all), ElementsAre("process callbacks", "send callbacks.dead"));
  EXPECT_EQ(ValueOf(all[0], "error.type"), "unreadable-response");
  EXPECT_EQ(TraceparentOf(bench.kafka.dead.at(0)), FormatTraceparent(all[1].context));
}

TEST_F(LaneTracesTest, KeepTheFirstAndTheLastOfManyAttempts) {
  Arrives("p1", kSampled);
  bench.AssignAndRestore({0});
  for (int i = 0; i < 1'000; ++i) {
    Attempt(AttemptResult::kTimeout, 0, TransportFault::kTimeout);
  }
  bench.fetcher.FinishAll();
  bench.Turn();
  const std::vector<Span> all = spans.Take();
  ASSERT_EQ(all.size(), 2 + AttemptLog::kFirst + AttemptLog::kLast);
  EXPECT_EQ(ValueOf(all[0], "sluice.attempts_omitted"), "984");
  EXPECT_EQ(ValueOf(all[8], "http.request.resend_count"), "7");
  EXPECT_EQ(ValueOf(all[9], "http.request.resend_count"), "992");
  EXPECT_EQ(ValueOf(all[9], "error.type"), "timeout");
}

TEST_F(LaneTracesTest, KeepTheBeginningOfIdsAsLongAsABody) {
  const std::string process(100'000, 'p');
  const std::string dossier(100'000, 'd');
  const std::string body =
      R"({"dossierId":")" + dossier + R"(","processId":")" + process + R"(","status":"accepted"})";
  const common::RecordHeaders headers = {
      {"provider", "onfido"}, {"request-id", std::string(100'000, 'r')}, {"traceparent", kSampled}};
  bench.ArrivesRaw(0, process, body, 0, headers);
  bench.ArrivesRaw(0, process, body, 0, headers);
  bench.AssignAndRestore({0});
  bench.fetcher.FinishAll();
  bench.Turn();
  const std::vector<Span> all = spans.Take();
  ASSERT_THAT(NamesOf(all),
              UnorderedElementsAre("process callbacks", "process callbacks", "send processes"));
  for (const Span& span : all) {
    for (const auto& [name, value] : span.attributes) {
      EXPECT_LE(ValueOf(span, name).size(), common::tracing::kMostText) << name;
    }
  }
}

TEST_F(LaneTracesTest, OfferLargeCommitByCallbackWithinDefaultQueue) {
  constexpr int kCallbacks = 2'000;
  for (int i = 0; i < kCallbacks; ++i) {
    const std::string digits = std::to_string(10'000 + i);
    Arrives("0b7c1a52-9f1e-4a5b-8c77-2b1d9a0" + digits,
            "00-0af7651916cd43dd8448eb211c8" + digits + "-b7ad6b7169203331-01");
  }
  bench.AssignAndRestore({0});
  for (const FetchJob& job : bench.fetcher.jobs) {
    for (const Resource resource : {Resource::kProcess, Resource::kDossier}) {
      (void)traces.AttemptStarts(job, resource);
      AttemptReport report;
      report.result = AttemptResult::kOk;
      report.http_status = 200;
      report.job = &job;
      traces.AttemptEnded(report);
    }
  }
  bench.fetcher.FinishAll();
  bench.Turn();
  ASSERT_EQ(bench.Published().size(), std::size_t{kCallbacks});
  std::size_t count = 0;
  std::size_t bytes = 0;
  for (const std::vector<Span>& offer : spans.TakeOffers()) {
    ASSERT_THAT(NamesOf(offer),
                ElementsAre("process callbacks", testing::_, testing::_, "send processes"));
    count += offer.size();
    for (const Span& span : offer) bytes += SizeOf(span);
  }
  EXPECT_EQ(count, 4U * kCallbacks);
  const std::size_t queue = common::tracing::TracingSettings().queue;
  EXPECT_LE(count, queue);
  EXPECT_LE(bytes, count * 1'024) << "so that the queue is seldom full of bytes before of spans";
}

class AllLaneTracesTest : public LaneTracesTest {
 protected:
  AllLaneTracesTest() : LaneTracesTest(1) {}
};

TEST_F(AllLaneTracesTest, BeginATraceForARecordWithoutContext) {
  Arrives("p1", "");
  bench.AssignAndRestore({0});
  bench.fetcher.FinishAll();
  bench.Turn();
  const std::vector<Span> all = spans.Take();
  ASSERT_EQ(all.size(), 2U);
  EXPECT_TRUE(all[0].parent.is_empty());
  EXPECT_EQ(TraceparentOf(bench.kafka.processes.at(0)), FormatTraceparent(all[1].context));
}

TEST_F(AllLaneTracesTest, BeginATraceForAReconciledProcess) {
  bench.AssignAndRestore({0});
  bench.Announce("p1", 1min);
  bench.Later(2min);
  ASSERT_THAT(bench.Looks(), ElementsAre("p1"));
  Attempt(AttemptResult::kOk, 200);
  bench.fetcher.Finish("p1");
  bench.Turn();
  ASSERT_THAT(bench.Published(), ElementsAre("p1"));
  const std::vector<Span> all = spans.Take();
  ASSERT_THAT(NamesOf(all),
              ElementsAre("reconcile process", "GET /dossiers/{dossierId}/processes/{processId}",
                          "send processes"));
  EXPECT_TRUE(all[0].parent.is_empty());
  EXPECT_EQ(all[0].kind, SpanKind::kInternal);
  EXPECT_EQ(ValueOf(all[0], "sluice.process_id"), "p1");
  EXPECT_EQ(TraceparentOf(bench.kafka.processes.at(0)), FormatTraceparent(all[2].context));
}

TEST_F(AllLaneTracesTest, KeepABoundedNumberOfLooks) {
  FetchJob look;
  look.is_look = true;
  for (JobId id = 1; id <= 10'000; ++id) {
    look.id = id;
    EXPECT_FALSE(traces.AttemptStarts(look, Resource::kProcess).empty());
  }
  common::RecordHeaders headers;
  int kept = 0;
  for (JobId id = 1; id <= 10'000; ++id) {
    traces.Completed(id, common::MarkerOutcome::kPublished, headers);
    traces.Committed(id, nullptr);
    kept += spans.Take().empty() ? 0 : 1;
  }
  EXPECT_EQ(kept, static_cast<int>(LaneTraces::kMostLooks));
}

}  // namespace
}  // namespace consumer
