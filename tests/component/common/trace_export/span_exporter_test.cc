// The exporter against a collector that answers as told, over a socket.
#include "common/trace_export/span_exporter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <map>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include "common/base/guarded.h"
#include "common/curl/curl_global.h"
#include "common/trace_export/curl_collector.h"
#include "tests/component/consumer/http/raw_server.h"
#include "tests/support/wait_until.h"

namespace common::tracing {
namespace {

using namespace std::chrono_literals;
using consumer::RawServer;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr auto kLimit = 60s;

class RecordingEvents final : public ExportEvents {
 public:
  void Exported(ExportResult result, std::size_t spans) override {
    counts_.With([&](auto& counts) { counts.at(static_cast<std::size_t>(result)) += spans; });
  }
  void AttemptFailed(int status, std::string_view /*why*/) override {
    failed_.With([&](auto& failed) { failed.push_back(status); });
  }
  void CollectorWarned(std::string_view why) override {
    warnings_.With([&](auto& warnings) { warnings.emplace_back(why); });
  }

  [[nodiscard]] std::size_t Of(ExportResult result) const {
    return counts_.With([&](const auto& counts) { return counts.at(std::size_t(result)); });
  }
  [[nodiscard]] std::vector<int> failed() const {
    return failed_.With([](const auto& failed) { return failed; });
  }
  [[nodiscard]] std::vector<std::string> warnings() const {
    return warnings_.With([](const auto& warnings) { return warnings; });
  }

 private:
  Guarded<std::array<std::size_t, 4>> counts_{std::array<std::size_t, 4>{}};
  Guarded<std::vector<int>> failed_;
  Guarded<std::vector<std::string>> warnings_;
};

std::vector<Span> Spans(int count) {
  std::vector<Span> spans;
  for (int i = 0; i < count; ++i) {
    Span span;
    span.context.trace.bytes[15] = 1;
    span.context.span.bytes[7] = 1;
    span.name = "s" + std::to_string(i);
    spans.push_back(std::move(span));
  }
  return spans;
}

std::size_t CountIn(std::string_view text, std::string_view what) {
  std::size_t count = 0;
  for (std::size_t at = text.find(what); at != text.npos; at = text.find(what, at + 1)) ++count;
  return count;
}

class SpanExporterTest : public testing::Test {
 protected:
  /// Answers in order; the last one again and again.
  explicit SpanExporterTest() : answers_(std::vector<std::string>{}) {}

  void Answer(std::vector<std::string> answers) {
    answers_.With([&](auto& kept) { kept = std::move(answers); });
  }
  std::unique_ptr<SpanExporter> Start(SpanExporter::Options options) {
    collector_ = std::make_unique<CurlCollector>(
        CurlCollector::Options{.url = server_.Url("/v1/traces"), .timeout = 30s});
    return std::make_unique<SpanExporter>(
        std::move(options), *collector_, events_,
        SpanExporter::Injected{.unit_random = [] { return 0.0; }});
  }
  bool Await(ExportResult result, std::size_t spans) {
    return tests::WaitUntil([&] { return events_.Of(result) >= spans; }, kLimit);
  }

  const CurlGlobal curl_;
  RecordingEvents events_;
  Guarded<std::vector<std::string>> answers_;
  Guarded<std::vector<std::size_t>> batches_;
  Guarded<std::string> received_;
  RawServer server_{[this](const std::string& request) {
    batches_.With([&](auto& sizes) { sizes.push_back(CountIn(request, "\"spanId\"")); });
    received_.With([&](std::string& text) { text += request; });
    return answers_.With([](auto& answers) {
      if (answers.empty())
        return RawServer::Reply{.bytes = "", .then = RawServer::Then::kSayNothingMore};
      std::string answer = answers.front();
      if (answers.size() > 1) answers.erase(answers.begin());
      return RawServer::Reply{.bytes = std::move(answer)};
    });
  }};
  std::unique_ptr<CurlCollector> collector_;
};

TEST_F(SpanExporterTest, SendsFullBatchesAtOnceAndTheRestAfterTheDelay) {
  Answer({consumer::Answer(200, "{}")});
  const auto exporter = Start({.batch = 10, .delay = 10ms});
  exporter->Offer(Spans(25));
  EXPECT_TRUE(Await(ExportResult::kSent, 25));
  EXPECT_THAT(batches_.With([](const auto& sizes) { return sizes; }), ElementsAre(10, 10, 5));
}

TEST_F(SpanExporterTest, DropsSpansBeyondQueueWhileCollectorIsSilent) {
  const auto exporter = Start({.queue = 20, .batch = 5, .delay = 1ms, .stop_within = 1ms});
  exporter->Offer(Spans(5));
  ASSERT_TRUE(tests::WaitUntil([&] { return server_.requests() == 1; }, kLimit));
  for (int i = 0; i < 1'000; ++i) exporter->Offer(Spans(3));
  EXPECT_EQ(events_.Of(ExportResult::kDropped), 2'982U) << "six offers of three have room";
  exporter->Stop();
  EXPECT_EQ(events_.Of(ExportResult::kFailed), 23U) << "one batch under way, 18 spans queued";
}

TEST_F(SpanExporterTest, DropsSpansBeyondBytesOfQueue) {
  const std::size_t size = SizeOf(Spans(1).at(0));
  const auto exporter =
      Start({.queue_bytes = 10 * size, .batch = 5, .delay = 1ms, .stop_within = 1ms});
  exporter->Offer(Spans(5));
  ASSERT_TRUE(tests::WaitUntil([&] { return server_.requests() == 1; }, kLimit));
  for (int i = 0; i < 1'000; ++i) exporter->Offer(Spans(2));
  EXPECT_EQ(events_.Of(ExportResult::kDropped), 1'990U);
}

TEST_F(SpanExporterTest, AcceptsOfferLargerThanQueue) {
  Answer({consumer::Answer(200, "{}")});
  const auto exporter = Start({.queue = 1, .queue_bytes = 1, .batch = 5, .delay = 1ms});
  exporter->Offer(Spans(18));
  EXPECT_TRUE(Await(ExportResult::kSent, 18));
}

TEST_F(SpanExporterTest, LimitsBytesOfBatch) {
  Answer({consumer::Answer(200, "{}")});
  std::vector<Span> spans = Spans(6);
  spans.at(2).trace_state = std::string(10'000, 'x');
  const std::size_t size = SizeOf(spans.at(0));
  const auto exporter =
      Start({.batch = 100, .batch_bytes = 2 * size, .delay = std::chrono::hours(1)});
  exporter->Offer(std::move(spans));
  EXPECT_TRUE(Await(ExportResult::kSent, 5)) << "a batch by its bytes waits for no more";
  exporter->Stop();
  EXPECT_EQ(events_.Of(ExportResult::kSent), 6U);
  EXPECT_THAT(batches_.With([](const auto& sizes) { return sizes; }), ElementsAre(2, 1, 2, 1));
}

TEST_F(SpanExporterTest, SendsAllSpansOfACallbackOrNoneDuringALargeCommit) {
  Answer({consumer::Answer(200, "{}")});
  const auto exporter = Start({.queue = 2'047, .delay = std::chrono::hours(1), .stop_within = 30s});
  for (int i = 0; i < 2'000; ++i) exporter->Offer(Spans(4));
  exporter->Stop();
  const std::string sent = received_.With([](const std::string& text) { return text; });
  for (const std::string name : {"s0", "s1", "s2", "s3"}) {
    EXPECT_EQ(4 * CountIn(sent, "\"" + name + "\""), events_.Of(ExportResult::kSent)) << name;
  }
  EXPECT_EQ(events_.Of(ExportResult::kSent) + events_.Of(ExportResult::kDropped), 8'000U);
}

TEST_F(SpanExporterTest, TriesAgainAfter429And503AndLosesNothing) {
  Answer({consumer::Answer(429, "", "Retry-After: 0\r\n"), consumer::Answer(503, ""),
          consumer::Answer(200, "{}")});
  const auto exporter = Start({.batch = 5, .delay = 1ms});
  exporter->Offer(Spans(5));
  EXPECT_TRUE(Await(ExportResult::kSent, 5));
  EXPECT_THAT(events_.failed(), ElementsAre(429, 503));
  EXPECT_THAT(batches_.With([](const auto& sizes) { return sizes; }), ElementsAre(5, 5, 5));
}

TEST_F(SpanExporterTest, WaitsForTheRetryAfterWithoutHoldingUpAStop) {
  Answer({consumer::Answer(429, "", "Retry-After: 3600\r\n")});
  const auto exporter = Start({.batch = 5, .delay = 1ms});
  exporter->Offer(Spans(5));
  ASSERT_TRUE(tests::WaitUntil([&] { return !events_.failed().empty(); }, kLimit));
  const auto began = std::chrono::steady_clock::now();
  exporter->Stop();
  EXPECT_LT(std::chrono::steady_clock::now() - began, 20s);
  EXPECT_EQ(server_.requests(), 1);
  EXPECT_EQ(events_.Of(ExportResult::kFailed), 5U);
}

TEST_F(SpanExporterTest, NeverRetriesRefusedBatches) {
  Answer({consumer::Answer(400, "bad"), consumer::Answer(200, "{}")});
  const auto exporter = Start({.batch = 5, .delay = 1ms});
  exporter->Offer(Spans(10));
  EXPECT_TRUE(Await(ExportResult::kSent, 5));
  EXPECT_EQ(events_.Of(ExportResult::kRefused), 5U);
  EXPECT_EQ(server_.requests(), 2);
}

TEST_F(SpanExporterTest, SendsABatchOnceAlthoughItsAnswerIsLong) {
  Answer({consumer::Answer(200, std::string(100UL * 1024, 'x'))});
  const auto exporter = Start({.batch = 5, .delay = 1ms});
  exporter->Offer(Spans(5));
  EXPECT_TRUE(Await(ExportResult::kSent, 5));
  EXPECT_EQ(server_.requests(), 1);
  EXPECT_THAT(events_.failed(), IsEmpty());
}

TEST_F(SpanExporterTest, GivesUpABatchAfterItsAttempts) {
  Answer({consumer::Answer(503, "")});
  const auto exporter = Start({.batch = 5, .delay = 1ms, .retry = {.attempts = 3}});
  exporter->Offer(Spans(5));
  EXPECT_TRUE(Await(ExportResult::kFailed, 5));
  EXPECT_THAT(events_.failed(), ElementsAre(503, 503, 503));
}

TEST_F(SpanExporterTest, CountsSpansThatCollectorRefuses) {
  Answer({consumer::Answer(
      200, R"({"partialSuccess":{"rejectedSpans":"2","errorMessage":"too old"}})")});
  const auto exporter = Start({.batch = 5, .delay = 1ms});
  exporter->Offer(Spans(5));
  EXPECT_TRUE(Await(ExportResult::kSent, 3));
  EXPECT_EQ(events_.Of(ExportResult::kRefused), 2U);
  EXPECT_TRUE(tests::WaitUntil([&] { return !events_.warnings().empty(); }, kLimit));
  EXPECT_THAT(events_.warnings(), ElementsAre("too old"));
  EXPECT_THAT(events_.failed(), IsEmpty());
}

TEST_F(SpanExporterTest, SendsRestAtStopAndDropsLaterSpans) {
  Answer({consumer::Answer(200, "{}")});
  const auto exporter = Start({.batch = 100, .delay = std::chrono::hours(1), .stop_within = 30s});
  exporter->Offer(Spans(150));
  exporter->Stop();
  EXPECT_EQ(events_.Of(ExportResult::kSent), 150U);
  exporter->Offer(Spans(1));
  EXPECT_EQ(events_.Of(ExportResult::kDropped), 1U);
}

TEST_F(SpanExporterTest, StopsWithinItsBoundAlthoughTheCollectorHangs) {
  const auto exporter = Start({.batch = 5, .delay = std::chrono::hours(1), .stop_within = 50ms});
  exporter->Offer(Spans(100));
  const auto began = std::chrono::steady_clock::now();
  exporter->Stop();
  EXPECT_LT(std::chrono::steady_clock::now() - began, 20s) << "the timeout of a request is 30 s";
  EXPECT_EQ(events_.Of(ExportResult::kFailed), 100U);
}

/// Has no memory for its first request.
class PoorCollector final : public Collector {
 public:
  CollectorReply Post(const std::string& /*body*/) override {
    if (std::exchange(is_first_, false)) throw std::bad_alloc();
    return {.status = 200};
  }
  void EndBy(Deadline /*deadline*/) override {}

 private:
  bool is_first_ = true;
};

TEST_F(SpanExporterTest, GivesUpABatchThatItHasNoMemoryFor) {
  PoorCollector collector;
  SpanExporter exporter({.batch = 5, .delay = 1ms}, collector, events_,
                        {.unit_random = [] { return 0.0; }});
  exporter.Offer(Spans(10));
  EXPECT_TRUE(Await(ExportResult::kSent, 5));
  EXPECT_EQ(events_.Of(ExportResult::kFailed), 5U);
}

}  // namespace
}  // namespace common::tracing
