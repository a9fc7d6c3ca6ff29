#include "ingest/expected/expected_acceptance.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <string>
#include <utility>
#include <vector>

namespace ingest {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::IsEmpty;

/// Answers the offers as told, then takes all.
class ScriptedSink final : public CallbackSink {
 public:
  Offered Offer(CallbackNumber number, common::Envelope envelope) override {
    if (on_offer) on_offer(number);
    Offered answer = Offered::kTaken;
    if (!answers.empty()) {
      answer = answers.front();
      answers.pop_front();
    }
    if (answer == Offered::kTaken) numbers.push_back(number);
    envelopes.push_back(std::move(envelope));
    return answer;
  }

  std::deque<Offered> answers;
  std::function<void(CallbackNumber)> on_offer;
  std::vector<CallbackNumber> numbers;
  std::vector<common::Envelope> envelopes;
};

/// Records every answer as "request 7: durable, 3".
class RecordingExpectedResponses final : public ExpectedResponses {
 public:
  void Answer(std::span<const DecidedBatch> decided) override {
    for (const auto& [request, announcements, situation] : decided) {
      answers.push_back("request " + std::to_string(request.request) + ": " +
                        std::string(NameOf(situation)) + ", " + std::to_string(announcements));
    }
  }

  std::vector<std::string> answers;
};

class ExpectedAcceptanceTest : public testing::Test {
 protected:
  static common::Announcements Batch(std::size_t count) {
    common::Announcements all;
    for (std::size_t i = 0; i < count; ++i) {
      all.push_back({.dossier = common::DossierId("d"),
                     .process = common::ProcessId("p-" + std::to_string(i)),
                     .provider = "onfido"});
    }
    return all;
  }

  /// "waiting", or the situation.
  std::string Accept(std::size_t count, std::uint64_t request = 1, std::size_t body = 10) {
    const common::Announcements batch = Batch(count);
    const auto situation =
        acceptance.Accept({.announcements = batch, .body_size = body, .traceparent = traceparent},
                          {.request = request}, now);
    return situation ? std::string(NameOf(*situation)) : "waiting";
  }

  void Report(CallbackNumber number, std::size_t count,
              StorageOutcome outcome = StorageOutcome::kStored) {
    acceptance.OnReports(std::vector<StorageReport>(count, {.number = number, .outcome = outcome}));
  }

  ScriptedSink sink;
  RecordingExpectedResponses responses;
  RequestIds ids{1, 1};
  ExpectedAcceptance acceptance{{.bounds = {.max_requests = 3, .max_records = 10, .max_bytes = 100},
                                 .ack_deadline = milliseconds(4'000)},
                                sink,
                                responses,
                                ids};
  std::optional<std::string_view> traceparent;
  ExpectedAcceptance::TimePoint now{};
};

TEST_F(ExpectedAcceptanceTest, WritesEachAnnouncementUnderItsProcess) {
  traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  EXPECT_EQ(Accept(2), "waiting");
  ASSERT_EQ(sink.envelopes.size(), 2U);
  EXPECT_EQ(sink.envelopes[1].key, "p-1");
  EXPECT_EQ(sink.envelopes[1].body, R"({"dossierId":"d","processId":"p-1","provider":"onfido"})");
  EXPECT_EQ(sink.envelopes[1].provider, "") << "no header: it is in the value";
  EXPECT_EQ(sink.envelopes[1].traceparent, traceparent);
  EXPECT_EQ(sink.envelopes[0].request_id, sink.envelopes[1].request_id);
  EXPECT_EQ(sink.envelopes[0].request_id.size(), 32U);
}

TEST_F(ExpectedAcceptanceTest, AnswersOnceAllAreDurable) {
  EXPECT_EQ(Accept(3), "waiting");
  Report(sink.numbers[0], 2);
  EXPECT_THAT(responses.answers, IsEmpty());
  Report(sink.numbers[0], 1);
  EXPECT_THAT(responses.answers, ElementsAre("request 1: durable, 3"));
}

TEST_F(ExpectedAcceptanceTest, AnswersUnavailableIfOneIsNot) {
  for (const auto outcome : {StorageOutcome::kUnavailable, StorageOutcome::kRefused}) {
    responses.answers.clear();
    EXPECT_EQ(Accept(3), "waiting");
    const CallbackNumber number = sink.numbers.back();
    Report(number, 1);
    Report(number, 1, outcome);
    EXPECT_THAT(responses.answers, ElementsAre("request 1: unavailable, 3"));
    Report(number, 1);
    EXPECT_EQ(responses.answers.size(), 1U) << "the number is stale";
  }
}

TEST_F(ExpectedAcceptanceTest, AnswersUnavailableIfKafkaStoresOnlySome) {
  for (const Offered refusal : {Offered::kAway, Offered::kFull, Offered::kRefused}) {
    sink.answers = {Offered::kTaken, refusal};
    EXPECT_EQ(Accept(3), "unavailable");
    Report(sink.numbers.back(), 1);
  }
  EXPECT_EQ(sink.envelopes.size(), 6U) << "the third is not offered";
  EXPECT_THAT(responses.answers, IsEmpty());
}

TEST_F(ExpectedAcceptanceTest, AnswersOnceIfAReportFailsWhileTheRestIsOffered) {
  sink.on_offer = [&](CallbackNumber number) {
    if (sink.envelopes.size() == 1) Report(number, 1, StorageOutcome::kUnavailable);
  };
  sink.answers = {Offered::kTaken, Offered::kTaken, Offered::kAway};
  EXPECT_EQ(Accept(3), "waiting") << "the report has answered";
  EXPECT_THAT(responses.answers, ElementsAre("request 1: unavailable, 3"));
}

TEST_F(ExpectedAcceptanceTest, AnswersAtTheDeadline) {
  EXPECT_EQ(Accept(2), "waiting");
  Report(sink.numbers[0], 1);
  acceptance.ExpireUntil(now + milliseconds(3'999));
  EXPECT_THAT(responses.answers, IsEmpty());
  acceptance.ExpireUntil(now + milliseconds(4'000));
  EXPECT_THAT(responses.answers, ElementsAre("request 1: unavailable, 2"));
  Report(sink.numbers[0], 1);
  EXPECT_EQ(responses.answers.size(), 1U);
}

TEST_F(ExpectedAcceptanceTest, ShedsBeyondEachBoundAndHasRoomAgainAfterwards) {
  EXPECT_EQ(Accept(10), "waiting");
  EXPECT_EQ(Accept(1), "shed") << "records";
  Report(sink.numbers[0], 10);
  EXPECT_EQ(Accept(1, 2, 100), "waiting");
  EXPECT_EQ(Accept(1, 3, 1), "shed") << "bytes";
  acceptance.ExpireUntil(now + milliseconds(4'000));
  for (std::uint64_t i = 0; i < 3; ++i) EXPECT_EQ(Accept(1), "waiting");
  EXPECT_EQ(Accept(1), "shed") << "requests";
  acceptance.ExpireUntil(now + milliseconds(4'000));
  sink.answers = {Offered::kAway};
  EXPECT_EQ(Accept(10, 1, 100), "unavailable");
  EXPECT_EQ(Accept(10, 1, 100), "waiting") << "nothing was kept of it";
}

TEST_F(ExpectedAcceptanceTest, CountsBodiesThatAreBeingReceived) {
  EXPECT_TRUE(acceptance.Reserve(60));
  EXPECT_FALSE(acceptance.Reserve(41));
  EXPECT_TRUE(acceptance.Reserve(40));
  EXPECT_EQ(Accept(1, 1, 1), "shed");
  acceptance.Release(40);
  EXPECT_EQ(Accept(1, 1, 40), "waiting");
  EXPECT_FALSE(acceptance.Reserve(1));
}

TEST_F(ExpectedAcceptanceTest, CountsRequestsThatAreBeingReceivedAndThatWait) {
  EXPECT_EQ(acceptance.BeginReceiving(), std::nullopt);
  acceptance.EndReceiving();
  EXPECT_EQ(Accept(1), "waiting");
  EXPECT_EQ(acceptance.BeginReceiving(), std::nullopt);
  EXPECT_EQ(acceptance.BeginReceiving(), std::nullopt);
  EXPECT_EQ(acceptance.BeginReceiving(), Situation::kShed);
  acceptance.EndReceiving();
  EXPECT_EQ(acceptance.BeginReceiving(), std::nullopt);
}

TEST_F(ExpectedAcceptanceTest, RefusesABodyBeforeItIsReadIfThereIsNoRoom) {
  EXPECT_EQ(acceptance.BeginHandling(101), Situation::kShed) << "bytes";
  EXPECT_EQ(acceptance.BeginHandling(100), std::nullopt);
  EXPECT_EQ(Accept(10), "waiting");
  EXPECT_EQ(acceptance.BeginHandling(1), Situation::kShed) << "records";
  acceptance.Close();
  EXPECT_EQ(acceptance.BeginHandling(1), Situation::kDraining);
  EXPECT_EQ(acceptance.BeginReceiving(), Situation::kDraining);
}

TEST_F(ExpectedAcceptanceTest, AnswersAllAtItsEnd) {
  EXPECT_EQ(Accept(2, 7), "waiting");
  acceptance.Close();
  EXPECT_THAT(responses.answers, ElementsAre("request 7: draining, 2"));
  EXPECT_EQ(Accept(2), "draining");
  EXPECT_EQ(sink.envelopes.size(), 2U);
}

}  // namespace
}  // namespace ingest
