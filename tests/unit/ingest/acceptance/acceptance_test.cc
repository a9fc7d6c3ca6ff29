#include "ingest/acceptance/acceptance.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "common/base/sha256.h"
#include "tests/unit/ingest/doubles/recording_request_events.h"
#include "tests/unit/ingest/doubles/recording_responses.h"
#include "tests/unit/ingest/doubles/recording_sink.h"

namespace ingest {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr common::ProviderTable::Index kOnfido = 1;
constexpr common::ProviderTable::Index kReadId = 3;
constexpr const char* kBody =
    R"({"dossierId":"54a1ad5f-74dd-47ba-b992-1cb2b4636341",)"
    R"("processId":"3065980B-f26b-4ec2-8987-7833b7781dae","status":"accepted"})";

class AcceptanceTest : public ::testing::Test {
 protected:
  static Acceptance::TimePoint At(int ms) { return Acceptance::TimePoint(milliseconds(ms)); }

  std::optional<Situation> Accept(std::uint64_t request, int now_ms = 0,
                                  std::string_view body = kBody) {
    CallbackRequest callback;
    callback.row = kOnfido;
    callback.provider = "onfido";
    callback.body = body;
    return acceptance.Accept(callback, {.worker = 1, .connection = 2, .request = request},
                             At(now_ms));
  }

  void Report(std::size_t position, StorageOutcome outcome) {
    const StorageReport report{.number = sink.numbers.at(position), .outcome = outcome};
    acceptance.OnReports({&report, 1});
  }

  RecordingRequestEvents events;
  RecordingSink sink;
  RecordingResponses responses;
  RequestIds ids{1, 1};
  Acceptance acceptance{
      {.bounds = {.max_requests = 3, .max_bytes = 1000}, .ack_deadline = milliseconds(4000)},
      sink,
      responses,
      ids,
      events};
};

TEST_F(AcceptanceTest, AnswersOnlyOnceTheOutcomeIsKnown) {
  EXPECT_EQ(Accept(1), std::nullopt);
  acceptance.ExpireUntil(At(3999));
  EXPECT_THAT(responses.answers, IsEmpty());
  EXPECT_EQ(acceptance.load().requests, 1U);
}

TEST_F(AcceptanceTest, AnswersDurableWhenStored) {
  Accept(1);
  Accept(2);
  Report(1, StorageOutcome::kStored);
  EXPECT_THAT(responses.answers, ElementsAre("request 2 of row 1: durable"));
  EXPECT_EQ(acceptance.load().requests, 1U);
}

TEST_F(AcceptanceTest, AnswersUnavailableWhenNotStored) {
  Accept(1);
  Report(0, StorageOutcome::kUnavailable);
  EXPECT_THAT(responses.answers, ElementsAre("request 1 of row 1: unavailable"));
}

TEST_F(AcceptanceTest, AnswersImmediatelyWhenTheSinkRefuses) {
  sink.answer = Offered::kAway;
  EXPECT_EQ(Accept(1), Situation::kUnavailable);
  EXPECT_THAT(responses.answers, IsEmpty());
  EXPECT_EQ(acceptance.load().requests, 0U);
  EXPECT_EQ(acceptance.load().bytes, 0U);
}

TEST_F(AcceptanceTest, AnswersUnavailableAtTheDeadlineWithoutAReport) {
  Accept(1, 0);
  Accept(2, 500);
  acceptance.ExpireUntil(At(4000));
  EXPECT_THAT(responses.answers, ElementsAre("request 1 of row 1: unavailable"));
  acceptance.ExpireUntil(At(4500));
  EXPECT_THAT(responses.answers,
              ElementsAre("request 1 of row 1: unavailable", "request 2 of row 1: unavailable"));
}

TEST_F(AcceptanceTest, CountsALateReportWithoutAnswering) {
  Accept(1);
  acceptance.ExpireUntil(At(4000));
  Report(0, StorageOutcome::kStored);
  EXPECT_THAT(responses.answers, ElementsAre("request 1 of row 1: unavailable"));
  EXPECT_THAT(events.late_reports(), ElementsAre("stored"));
}

TEST_F(AcceptanceTest, CountsASecondReportAsLate) {
  Accept(1);
  Report(0, StorageOutcome::kStored);
  Report(0, StorageOutcome::kUnavailable);
  EXPECT_THAT(responses.answers, ElementsAre("request 1 of row 1: durable"));
  EXPECT_THAT(events.late_reports(), ElementsAre("unavailable"));
}

TEST_F(AcceptanceTest, ShedsBeyondTheBoundOfRequests) {
  for (std::uint64_t request = 1; request <= 3; ++request) EXPECT_EQ(Accept(request), std::nullopt);
  EXPECT_EQ(Accept(4), Situation::kShed);
  EXPECT_EQ(sink.numbers.size(), 3U) << "the sink must not get a shed request";
  Report(0, StorageOutcome::kStored);
  EXPECT_EQ(Accept(5), std::nullopt) << "an answered request makes room";
}

TEST_F(AcceptanceTest, ShedsBeyondTheBoundOfBytes) {
  const std::string body(600, 'x');
  EXPECT_EQ(Accept(1, 0, body), std::nullopt);
  EXPECT_EQ(Accept(2, 0, body), Situation::kShed);
  acceptance.ExpireUntil(At(4000));
  EXPECT_EQ(acceptance.load().bytes, 0U);
  EXPECT_EQ(Accept(3, 4000, body), std::nullopt) << "an expired request makes room";
}

TEST_F(AcceptanceTest, ShedsByTheCostOfARefusal) {
  const auto accept = [&](std::uint64_t request, RefusalCost cost) {
    CallbackRequest callback;
    callback.refusal_cost = cost;
    return acceptance.Accept(callback, {.request = request}, At(0));
  };
  EXPECT_EQ(accept(1, RefusalCost::kSoon), std::nullopt);
  EXPECT_EQ(accept(2, RefusalCost::kSoon), std::nullopt);
  EXPECT_EQ(accept(3, RefusalCost::kSoon), Situation::kShed) << "its share of 3 is 2";
  EXPECT_EQ(accept(3, RefusalCost::kMuchLater), Situation::kShed);
  EXPECT_EQ(accept(3, RefusalCost::kNever), std::nullopt);
  EXPECT_EQ(accept(4, RefusalCost::kNever), Situation::kShed);
}

TEST_F(AcceptanceTest, CountsRequestsBeingReceivedAgainstTheBoundOfBytes) {
  EXPECT_TRUE(acceptance.Reserve(0, 500, RefusalCost::kSoon, At(0)));
  EXPECT_TRUE(acceptance.Reserve(500, 400, RefusalCost::kSoon, At(0))) << "of the same request";
  EXPECT_FALSE(acceptance.Reserve(0, 1, RefusalCost::kSoon, At(0)));
  EXPECT_EQ(acceptance.load().bytes, 900U);
  EXPECT_EQ(Accept(1, 0, std::string(101, 'x')), Situation::kShed);
  EXPECT_EQ(Accept(1, 0, std::string(100, 'x')), std::nullopt);
  acceptance.Release(900, RefusalCost::kSoon);
  EXPECT_EQ(acceptance.load().bytes, 100U);
  acceptance.Close();
  EXPECT_EQ(acceptance.load().bytes, 0U);
}

TEST_F(AcceptanceTest, GivesUnknownSendersTheirOwnShareOnly) {
  Acceptance of_ten({.bounds = {.max_requests = 10, .max_bytes = 1000}}, sink, responses, ids,
                    events);
  const auto accept = [&](std::uint64_t request, bool is_sender_known, std::string_view body = "") {
    CallbackRequest callback;
    callback.body = body;
    callback.is_sender_known = is_sender_known;
    return of_ten.Accept(callback, {.request = request}, At(0));
  };
  for (std::uint64_t i = 1; i <= 6; ++i) EXPECT_EQ(accept(i, false), std::nullopt) << i;
  EXPECT_EQ(accept(7, false), Situation::kShed);
  for (std::uint64_t i = 7; i <= 10; ++i) EXPECT_EQ(accept(i, true), std::nullopt) << i;
  EXPECT_EQ(accept(11, true), Situation::kShed);

  of_ten.ExpireUntil(At(4000));
  EXPECT_EQ(accept(11, false, std::string(600, 'x')), std::nullopt) << "all are gone";
  EXPECT_EQ(accept(12, false, "x"), Situation::kShed) << "bytes, too";
  EXPECT_FALSE(of_ten.Reserve(0, 1, RefusalCost::kUnjudged, At(0))) << "heads are strangers'";
  EXPECT_EQ(accept(12, true, std::string(400, 'x')), std::nullopt);
}

TEST_F(AcceptanceTest, CountsHeadsAmongWhatUnknownSendersHold) {
  EXPECT_TRUE(acceptance.Reserve(0, 600, RefusalCost::kUnjudged, At(0)));
  CallbackRequest open;
  open.body = "x";
  open.is_sender_known = false;
  EXPECT_EQ(acceptance.Accept(open, {.request = 1}, At(0)), Situation::kShed);
  acceptance.Release(600, RefusalCost::kUnjudged);
  EXPECT_EQ(acceptance.Accept(open, {.request = 1}, At(0)), std::nullopt);
  EXPECT_EQ(acceptance.load().bytes, 1U);
}

TEST_F(AcceptanceTest, ReportsBeginAndEndOfSheddingOnce) {
  for (std::uint64_t request = 1; request <= 10; ++request) Accept(request);
  const std::string begin =
      "shed at 3 requests, " + std::to_string(3 * std::string_view(kBody).size()) + " bytes";
  EXPECT_THAT(events.load(), ElementsAre(begin));
  acceptance.ExpireUntil(At(3999));
  EXPECT_THAT(events.load(), ElementsAre(begin)) << "the load has not gone down";
  acceptance.ExpireUntil(At(4000));
  EXPECT_THAT(events.load(), ElementsAre(begin, "normal after 7 refusals"));
  acceptance.ExpireUntil(At(9000));
  EXPECT_THAT(events.load(), ElementsAre(begin, "normal after 7 refusals"));
}

TEST_F(AcceptanceTest, AnswersAllRequestsAsDrainingOnceClosed) {
  Accept(1);
  acceptance.Close();
  EXPECT_THAT(responses.answers, ElementsAre("request 1 of row 1: draining"));
  EXPECT_EQ(Accept(2), Situation::kDraining);
  Report(0, StorageOutcome::kStored);
  EXPECT_EQ(responses.answers.size(), 1U);
}

TEST_F(AcceptanceTest, KeysTheEnvelopeByTheNormalisedProcessId) {
  Accept(1);
  ASSERT_EQ(sink.envelopes.size(), 1U);
  EXPECT_EQ(sink.envelopes[0].key, "3065980b-f26b-4ec2-8987-7833b7781dae");
  EXPECT_EQ(sink.envelopes[0].body, kBody) << "the body is unchanged";
}

TEST_F(AcceptanceTest, KeysAnUnreadableBodyByItsHash) {
  for (const std::string& body : {std::string(), std::string("not json"), std::string("\0\xFF", 2),
                                  std::string(R"({"processId":""})")}) {
    sink.envelopes.clear();
    EXPECT_EQ(Accept(1, 0, body), std::nullopt);
    ASSERT_EQ(sink.envelopes.size(), 1U);
    EXPECT_EQ(sink.envelopes[0].key, common::Sha256Hex(body));
    EXPECT_EQ(sink.envelopes[0].body, body);
    acceptance.ExpireUntil(At(10'000));
  }
}

TEST_F(AcceptanceTest, FillsTheEnvelopeFromTheRequest) {
  const std::string traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  CallbackRequest callback;
  callback.row = kReadId;
  callback.provider = "readid";
  callback.body = kBody;
  callback.content_type = "application/json; charset=utf-8";
  callback.traceparent = traceparent;
  callback.received_at = common::WallTime(milliseconds(1'700'000'000'123));
  ASSERT_EQ(acceptance.Accept(callback, {}, At(0)), std::nullopt);
  const common::Envelope& envelope = sink.envelopes.at(0);
  EXPECT_EQ(envelope.provider, "readid");
  EXPECT_EQ(envelope.content_type, "application/json; charset=utf-8");
  EXPECT_EQ(envelope.traceparent, traceparent);
  EXPECT_EQ(envelope.received_at, callback.received_at);
  EXPECT_EQ(envelope.request_id.size(), 32U);
  EXPECT_FALSE(envelope.spooled);
}

TEST_F(AcceptanceTest, DropsAnInvalidTraceparent) {
  CallbackRequest callback;
  callback.body = kBody;
  callback.traceparent = "00-00000000000000000000000000000000-00f067aa0ba902b7-01";
  ASSERT_EQ(acceptance.Accept(callback, {}, At(0)), std::nullopt);
  EXPECT_EQ(sink.envelopes.at(0).traceparent, std::nullopt);
  EXPECT_EQ(sink.envelopes.at(0).content_type, std::nullopt);
}

TEST_F(AcceptanceTest, GivesEachDeliveryAUniqueId) {
  Accept(1);
  Accept(2);
  EXPECT_NE(sink.envelopes.at(0).request_id, sink.envelopes.at(1).request_id);
}

/// Reports from within Offer(), as a delivery thread may do before Offer() returns.
class HastySink final : public CallbackSink {
 public:
  Offered Offer(CallbackNumber number, common::Envelope /*envelope*/) override {
    const StorageReport report{.number = number, .outcome = StorageOutcome::kStored};
    listener->OnReports({&report, 1});
    return Offered::kTaken;
  }
  StorageListener* listener = nullptr;
};

TEST_F(AcceptanceTest, AcceptsAReportBeforeTheOfferReturns) {
  HastySink hasty;
  Acceptance quick({}, hasty, responses, ids, events);
  hasty.listener = &quick;
  EXPECT_EQ(quick.Accept({}, {.request = 9}, At(0)), std::nullopt);
  EXPECT_THAT(responses.answers, ElementsAre("request 9 of row 0: durable"));
}

}  // namespace
}  // namespace ingest
