#include "ingest/tracing/callback_traces.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

#include "common/http/message.h"
#include "tests/unit/common/tracing/recording_spans.h"

namespace ingest {
namespace {

using namespace std::chrono_literals;
using common::tracing::FormatTraceparent;
using common::tracing::ParseTraceparent;
using common::tracing::RecordingSpans;
using common::tracing::Span;
using common::tracing::SpanKind;
using common::tracing::SpanStatus;
using common::tracing::SpanTime;
using common::tracing::ValueOf;
using testing::IsEmpty;

constexpr std::string_view kSampled = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
constexpr std::string_view kUnsampled = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00";

class CallbackTracesTest : public testing::Test {
 protected:
  void Start(double ratio) {
    traces.emplace(CallbackTraces::Settings{.sampler = common::tracing::Sampler(ratio),
                                            .slower_than = 1s,
                                            .route = "/callbacks/{provider}",
                                            .topic = "callbacks",
                                            .most_open = 3},
                   providers, spans,
                   CallbackTraces::Injected{.seed = 1, .now = [this] { return SpanTime(now); }});
  }
  std::string Begin(std::uint64_t request, std::optional<std::string_view> traceparent = {},
                    std::string_view tracestate = {}) {
    return traces->Begin(Named(request), {.traceparent = traceparent,
                                          .tracestate = tracestate,
                                          .received_at = common::WallTime(1'000'000ms)});
  }
  static WaitingRequest Named(std::uint64_t request) {
    return {.worker = 1, .connection = 2, .request = request};
  }
  void Decide(std::uint64_t request, Situation situation) {
    std::array<char, 32> digits{};
    digits.fill('e');
    WaitingRequest named = Named(request);
    named.id = RequestId(digits);
    traces->Decided(named, situation);
  }
  void Answer(std::uint64_t request, Situation situation, int status) {
    traces->Answered(Named(request), onfido, situation, status, now - began);
  }

  common::ProviderTable providers;
  common::ProviderTable::Index onfido = providers.Resolve("onfido");
  RecordingSpans spans;
  std::chrono::nanoseconds began = 1'000'000ms;
  std::chrono::nanoseconds now = 1'000'001ms;
  std::optional<CallbackTraces> traces;
};

TEST_F(CallbackTracesTest, ContinueTheSendersTraceAndNameTheSendInTheRecord) {
  Start(0);
  const std::string of_record = Begin(1, kSampled, "vendor=1");
  now += 5ms;
  Decide(1, Situation::kDurable);
  now += 1ms;
  Answer(1, Situation::kDurable, 200);

  const std::vector<Span> all = spans.Take();
  ASSERT_EQ(all.size(), 2U);
  const Span& server = all[0];
  const Span& producer = all[1];
  EXPECT_EQ(server.name, "POST /callbacks/{provider}");
  EXPECT_EQ(server.kind, SpanKind::kServer);
  EXPECT_EQ(server.context.trace, ParseTraceparent(kSampled)->trace);
  EXPECT_EQ(server.parent, ParseTraceparent(kSampled)->span);
  EXPECT_EQ(server.trace_state, "vendor=1");
  EXPECT_EQ(server.end - server.start, 7ms);
  EXPECT_EQ(server.status, SpanStatus::kUnset);
  EXPECT_EQ(ValueOf(server, "http.request.method"), "POST");
  EXPECT_EQ(ValueOf(server, "http.route"), "/callbacks/{provider}");
  EXPECT_EQ(ValueOf(server, "http.response.status_code"), "200");
  EXPECT_EQ(ValueOf(server, "sluice.provider"), "onfido");
  EXPECT_EQ(ValueOf(server, "sluice.outcome"), "durable");
  EXPECT_EQ(ValueOf(server, "sluice.request_id"), std::string(32, 'e'));

  EXPECT_EQ(producer.name, "send callbacks");
  EXPECT_EQ(producer.kind, SpanKind::kProducer);
  EXPECT_EQ(producer.parent, server.context.span);
  EXPECT_EQ(producer.end - producer.start, 5ms);
  EXPECT_EQ(ValueOf(producer, "messaging.system"), "kafka");
  EXPECT_EQ(ValueOf(producer, "messaging.operation.type"), "send");
  EXPECT_EQ(ValueOf(producer, "messaging.destination.name"), "callbacks");
  EXPECT_EQ(of_record, FormatTraceparent(producer.context));
}

TEST_F(CallbackTracesTest, BeginATraceIfTheSendersContextIsInvalidOrAbsent) {
  Start(1);
  const std::string first = Begin(1, "00-zz", "vendor=1");
  const std::string second = Begin(2);
  EXPECT_TRUE(ParseTraceparent(first)->is_sampled);
  EXPECT_NE(ParseTraceparent(first)->trace, ParseTraceparent(second)->trace);
  Decide(1, Situation::kSpooled);
  Answer(1, Situation::kSpooled, 200);
  const std::vector<Span> all = spans.Take();
  ASSERT_EQ(all.size(), 2U);
  EXPECT_TRUE(all[0].parent.is_empty());
  EXPECT_EQ(all[0].trace_state, "");
  EXPECT_EQ(ValueOf(all[1], "sluice.outcome"), "spooled");
}

TEST_F(CallbackTracesTest, TellTheConsumerWhenATraceIsNotRecorded) {
  Start(1);
  EXPECT_FALSE(ParseTraceparent(Begin(1, kUnsampled))->is_sampled);
  Decide(1, Situation::kDurable);
  Answer(1, Situation::kDurable, 200);
  EXPECT_THAT(spans.Take(), IsEmpty());
}

TEST_F(CallbackTracesTest, RecordSlowAnswerDespiteSampler) {
  Start(0);
  (void)Begin(1);
  Decide(1, Situation::kDurable);
  now += 2s;
  Answer(1, Situation::kDurable, 200);
  EXPECT_EQ(spans.Take().size(), 2U);
}

TEST_F(CallbackTracesTest, RecordAFewOfManySlowAnswers) {
  Start(0);
  for (std::uint64_t request = 1; request <= 1'000; ++request) {
    began = now;
    (void)Begin(request);
    Decide(request, Situation::kDurable);
    now += 2s;
    Answer(request, Situation::kDurable, 200);
    Answer(request + 1'000, Situation::kUnauthorized, 401);
    now -= 2s;
  }
  EXPECT_EQ(spans.TakeOffers().size(), std::size_t{common::tracing::RecordingLimit::kPerSecond});
}

TEST_F(CallbackTracesTest, HaveNoSendForACallbackThatWasNotTaken) {
  Start(1);
  (void)Begin(1, kSampled);
  traces->Refused(Named(1));
  Answer(1, Situation::kShed, 503);
  const std::vector<Span> all = spans.Take();
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].parent, ParseTraceparent(kSampled)->span);
  EXPECT_EQ(all[0].status, SpanStatus::kError);
  EXPECT_EQ(ValueOf(all[0], "error.type"), "503");
}

TEST_F(CallbackTracesTest, ShowASendThatFailed) {
  Start(1);
  (void)Begin(1);
  Decide(1, Situation::kUnavailable);
  Answer(1, Situation::kUnavailable, 503);
  const std::vector<Span> all = spans.Take();
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[1].status, SpanStatus::kError);
  EXPECT_EQ(ValueOf(all[1], "error.type"), "unavailable");
}

TEST_F(CallbackTracesTest, EndWithTheDecisionIfTheClientHasLeft) {
  Start(1);
  (void)Begin(1);
  traces->Abandoned(Named(1));
  EXPECT_THAT(spans.Take(), IsEmpty());
  Decide(1, Situation::kDurable);
  const std::vector<Span> all = spans.Take();
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(ValueOf(all[0], "error.type"), "client_gone");
  EXPECT_EQ(ValueOf(all[1], "sluice.outcome"), "durable");
}

TEST_F(CallbackTracesTest, ShowTheAnswerOfTheDeadlineAndTheDecisionAfterIt) {
  Start(1);
  (void)Begin(1);
  traces->Abandoned(Named(1));
  Answer(1, Situation::kAnswerTooLate, 503);
  EXPECT_THAT(spans.Take(), IsEmpty());
  now += 1s;
  Decide(1, Situation::kDurable);
  const std::vector<Span> all = spans.Take();
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(ValueOf(all[0], "sluice.outcome"), "answer_too_late");
  EXPECT_EQ(all[1].end - all[1].start, 1s);
}

TEST_F(CallbackTracesTest, BeginATraceForARequestThatIsRefusedBeforeItIsKnown) {
  Start(1);
  Answer(7, Situation::kUnauthorized, 401);
  Answer(8, Situation::kMalformed, 400);
  const std::vector<Span> all = spans.Take();
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].name, "POST /callbacks/{provider}");
  EXPECT_EQ(ValueOf(all[0], "http.response.status_code"), "401");
  EXPECT_EQ(all[0].status, SpanStatus::kUnset) << "4xx is no failure of the server";
  EXPECT_EQ(all[1].name, "HTTP");
  EXPECT_EQ(ValueOf(all[1], "http.request.method"), "_OTHER");
  EXPECT_EQ(ValueOf(all[1], "http.route"), "(none)");
}

TEST_F(CallbackTracesTest, KeepStatusOfRequestDecidedAfterMalformedNextOne) {
  Start(1);
  (void)Begin(1);
  Answer(1, Situation::kAnswerTooLate, 503);
  Answer(common::http::kNoRequest, Situation::kMalformed, 400);
  EXPECT_EQ(ValueOf(spans.Take().at(0), "http.response.status_code"), "400");
  Decide(1, Situation::kDurable);
  EXPECT_EQ(ValueOf(spans.Take().at(0), "http.response.status_code"), "503");
}

TEST_F(CallbackTracesTest, KeepABoundedNumberOfRequests) {
  Start(1);
  for (std::uint64_t request = 1; request <= 5; ++request) (void)Begin(request, kSampled);
  for (std::uint64_t request = 1; request <= 5; ++request) Decide(request, Situation::kDurable);
  for (std::uint64_t request = 1; request <= 5; ++request) {
    Answer(request, Situation::kDurable, 200);
  }
  EXPECT_EQ(spans.Take().size(), 3U * 2 + 2) << "of the others, the answer alone";
}

}  // namespace
}  // namespace ingest
