#include "ingest/spool/spooling_sink.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <ctime>
#include <set>
#include <string>
#include <vector>

#include "tests/unit/ingest/doubles/recording_request_events.h"
#include "tests/unit/ingest/doubles/recording_sink.h"

namespace ingest {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// Accepts `room` callbacks and records them.
class FakeSpool final : public Spool {
 public:
  Offered Offer(CallbackNumber number, common::Envelope&& envelope) override {
    if (room == 0 || too_large.contains(envelope.body)) return Offered::kFull;
    --room;
    held.insert(envelope.provider);
    taken.push_back(std::to_string(number) + ":" + envelope.body);
    return Offered::kTaken;
  }
  Offered OfferAsLastResort(CallbackNumber number, common::Envelope&& envelope) override {
    if (places == 0) return Offer(number, std::move(envelope));
    --places;
    taken.push_back(std::to_string(number) + ":" + envelope.body + " waits");
    return Offered::kTaken;
  }
  [[nodiscard]] bool HasRoom() const override { return room > 0; }
  [[nodiscard]] bool Holds(std::string_view provider) const override {
    return held.contains(std::string(provider));
  }
  void OnReplayReports(std::span<const StorageReport> reports) override {
    for (const StorageReport& report : reports) replayed.push_back(report.number);
  }

  [[nodiscard]] std::optional<Stalled> FindStalled() const override {
    if (stalled.empty()) return std::nullopt;
    common::Envelope envelope;
    envelope.provider = "paper";
    envelope.body = "stalled";
    return Stalled{.ticket = stalled.front(), .number = stalled.front(), .envelope = envelope};
  }
  void HandedOver(std::uint64_t ticket) override {
    ASSERT_FALSE(stalled.empty());
    EXPECT_EQ(ticket, stalled.front());
    stalled.erase(stalled.begin());
  }

  std::vector<std::uint64_t> stalled;  ///< Numbers.
  std::size_t room = 100;
  std::size_t places = 0;           ///< For callbacks that wait for the disk.
  std::set<std::string> too_large;  ///< Bodies that do not fit, though there is room.
  std::set<std::string> held;
  std::vector<std::string> taken;
  std::vector<CallbackNumber> replayed;
};

/// Records reports as "7 stored".
class NotingListener final : public StorageListener {
 public:
  void OnReports(std::span<const StorageReport> reports) override {
    for (const StorageReport& report : reports) {
      const char* const names[] = {"stored", "spooled", "unavailable", "refused"};
      notes.push_back(std::to_string(report.number) + " " +
                      names[static_cast<std::size_t>(report.outcome)]);
    }
  }
  std::vector<std::string> notes;
};

class SpoolingSinkTest : public ::testing::Test {
 protected:
  SpoolingSinkTest() { sink.Attach(listener); }

  static SpoolingSink::TimePoint At(int ms) { return SpoolingSink::TimePoint(milliseconds(ms)); }

  Offered Offer(CallbackNumber number, const std::string& provider, const std::string& body = "x") {
    common::Envelope envelope;
    envelope.provider = provider;
    envelope.body = body;
    return sink.Offer(number, std::move(envelope));
  }
  /// Kafka's report on the callback of its `position`th offer.
  void Report(std::size_t position, StorageOutcome outcome) { Report(kafka, position, outcome); }
  void Report(const RecordingSink& to, std::size_t position, StorageOutcome outcome) {
    const StorageReport report{.number = to.numbers.at(position), .outcome = outcome};
    sink.OnReports({&report, 1});
  }

  common::ProviderTable providers;
  RecordingRequestEvents events;
  RecordingSink kafka;
  RecordingSink at_once;
  FakeSpool spool;
  NotingListener listener;
  int now = 0;
  SpoolingSink sink{providers, milliseconds(4000),        kafka, at_once, spool,
                    events,    [this] { return At(now); }};
};

TEST_F(SpoolingSinkTest, PassesOnKafkasAcks) {
  EXPECT_EQ(Offer(7, "paper"), Offered::kTaken);
  EXPECT_EQ(Offer(8, "onfido"), Offered::kTaken);
  EXPECT_EQ(kafka.envelopes.at(0).body, "x");
  Report(0, StorageOutcome::kStored);
  Report(1, StorageOutcome::kStored);
  EXPECT_THAT(listener.notes, ElementsAre("7 stored", "8 stored"));
  EXPECT_THAT(spool.taken, IsEmpty());
}

TEST_F(SpoolingSinkTest, SpoolsUnavailableCallbacksOfSpoolingRows) {
  Offer(7, "paper", "body");
  Offer(8, "onfido");
  Report(0, StorageOutcome::kUnavailable);
  Report(1, StorageOutcome::kUnavailable);
  EXPECT_THAT(spool.taken, ElementsAre("7:body")) << "the spool itself reports the other one";
  EXPECT_THAT(listener.notes, ElementsAre("8 unavailable"));
}

TEST_F(SpoolingSinkTest, SpoolsImmediatelyIfKafkaIsUnavailable) {
  kafka.answer = Offered::kAway;
  EXPECT_EQ(Offer(7, "connect", "body"), Offered::kTaken);
  EXPECT_EQ(Offer(8, "readid"), Offered::kAway);
  EXPECT_THAT(spool.taken, ElementsAre("7:body"));
  EXPECT_THAT(listener.notes, IsEmpty());
}

TEST_F(SpoolingSinkTest, SpoolsARefusedCallbackWithoutOthersOfItsProvider) {
  Offer(1, "paper", "a");
  Offer(2, "paper", "too large");
  Offer(3, "onfido", "too large");
  Report(1, StorageOutcome::kRefused);
  Report(2, StorageOutcome::kRefused);
  EXPECT_THAT(spool.taken, ElementsAre("2:too large"));
  EXPECT_THAT(listener.notes, ElementsAre("3 unavailable"));
  spool.held.clear();  // It is in the refused file and does not wait any more.
  kafka.answer = Offered::kRefused;
  EXPECT_EQ(Offer(4, "paper", "too large at once"), Offered::kTaken);
  EXPECT_EQ(Offer(5, "onfido", "too large at once"), Offered::kRefused);
  EXPECT_THAT(spool.taken, ElementsAre("2:too large", "4:too large at once"));
  Report(0, StorageOutcome::kStored);
  EXPECT_THAT(listener.notes, ElementsAre("3 unavailable", "1 stored"));
}

TEST_F(SpoolingSinkTest, SpoolsOrReportsUnavailableAtTheAckDeadline) {
  Offer(7, "paper", "body");
  Offer(8, "eid");
  sink.ExpireUntil(At(3999));
  EXPECT_THAT(listener.notes, IsEmpty());
  EXPECT_THAT(spool.taken, IsEmpty());
  sink.ExpireUntil(At(4000));
  EXPECT_THAT(spool.taken, ElementsAre("7:body"));
  EXPECT_THAT(listener.notes, ElementsAre("8 unavailable"));
}

TEST_F(SpoolingSinkTest, TreatsAnUnknownNameLikeTheRowUnknown) {
  Offer(7, "tpyo/deeper");
  Offer(8, "");
  sink.ExpireUntil(At(4000));
  EXPECT_THAT(spool.taken, ElementsAre("7:x", "8:x"));
}

TEST_F(SpoolingSinkTest, KeepsTheOrderOfAllUnknownNamesTogether) {
  Offer(1, "tpyo/1", "a");
  Offer(2, "paper", "b");
  Offer(3, "tpyo/2", "c");
  Report(2, StorageOutcome::kUnavailable);
  EXPECT_THAT(spool.taken, ElementsAre("1:a", "3:c"));
}

// A look at all others for each of them takes seconds.
TEST_F(SpoolingSinkTest, ExpiresManyCallbacksWithoutALookAtAllOthersForEach) {
  constexpr CallbackNumber kMany = 20'000;
  for (const bool has_room : {true, false}) {
    for (CallbackNumber number = 1; number <= kMany; ++number) {
      Offer(number, "tpyo/" + std::to_string(number));
      Offer(kMany + number, number % 2 == 0 ? "paper" : "connect");
    }
    spool.room = has_room ? 3 * kMany : 0;
    spool.taken.clear();
    listener.notes.clear();
    const std::clock_t begun = std::clock();  // The time that this process has used.
    sink.ExpireUntil(At(4000));
    EXPECT_LT(std::clock() - begun, CLOCKS_PER_SEC);
    EXPECT_EQ(has_room ? spool.taken.size() : listener.notes.size(), 2 * kMany);
    spool.held.clear();
    spool.room = 3 * kMany;
  }
}

TEST_F(SpoolingSinkTest, CountsLateReports) {
  Offer(7, "paper");
  Offer(8, "onfido");
  sink.ExpireUntil(At(4000));
  listener.notes.clear();
  Report(0, StorageOutcome::kStored);
  Report(1, StorageOutcome::kUnavailable);
  EXPECT_THAT(listener.notes, IsEmpty());
  EXPECT_EQ(spool.taken.size(), 1U);
  EXPECT_THAT(events.late_reports(), ElementsAre("stored", "unavailable"));
}

TEST_F(SpoolingSinkTest, SpoolsBehindWaitingCallbacksOfTheSameProvider) {
  spool.held = {"paper"};
  EXPECT_EQ(Offer(7, "paper"), Offered::kTaken);
  EXPECT_EQ(Offer(8, "connect"), Offered::kTaken);
  EXPECT_THAT(spool.taken, ElementsAre("7:x"));
  EXPECT_EQ(kafka.numbers.size(), 1U) << "connect must go to Kafka";
}

TEST_F(SpoolingSinkTest, NeverSpoolsARefusingRowEvenIfItsProviderWaitsOnDisk) {
  spool.held = {"onfido"};  // An earlier run had another configuration.
  EXPECT_EQ(Offer(7, "onfido"), Offered::kTaken);
  EXPECT_THAT(spool.taken, IsEmpty());
  EXPECT_EQ(kafka.numbers.size(), 1U);
}

TEST_F(SpoolingSinkTest, SpoolsAllWaitingCallbacksOfAProviderInOrder) {
  Offer(1, "paper", "a");
  Offer(2, "connect", "b");
  Offer(3, "paper", "c");
  Offer(4, "onfido", "d");
  Offer(5, "paper", "e");
  Report(2, StorageOutcome::kUnavailable);
  EXPECT_THAT(spool.taken, ElementsAre("1:a", "3:c", "5:e"));
  Offer(6, "paper", "f");
  EXPECT_THAT(spool.taken, ElementsAre("1:a", "3:c", "5:e", "6:f"));
  Report(0, StorageOutcome::kStored);
  EXPECT_THAT(listener.notes, IsEmpty()) << "the spool reports 1; a copy in Kafka is harmless";
}

TEST_F(SpoolingSinkTest, ReportsUnavailableWithoutRoomAndLeavesOthersToKafka) {
  spool.room = 1;
  Offer(1, "paper", "a");
  Offer(2, "paper", "b");
  Offer(3, "paper", "c");
  Report(1, StorageOutcome::kUnavailable);
  EXPECT_THAT(spool.taken, ElementsAre("1:a"));
  EXPECT_THAT(listener.notes, ElementsAre("2 unavailable"));
  Report(2, StorageOutcome::kStored);
  EXPECT_THAT(listener.notes, ElementsAre("2 unavailable", "3 stored"));
}

TEST_F(SpoolingSinkTest, UsesKafkaWhileTheSpoolIsFull) {
  spool.held = {"paper"};
  spool.room = 0;
  EXPECT_EQ(Offer(7, "paper"), Offered::kTaken);
  Report(0, StorageOutcome::kStored);
  EXPECT_THAT(listener.notes, ElementsAre("7 stored"));
}

TEST_F(SpoolingSinkTest, UsesKafkaIfTheSpoolHasNoRoomAtTheMomentOfTheOffer) {
  spool.held = {"paper"};
  spool.too_large = {"x"};
  ASSERT_TRUE(spool.HasRoom());
  EXPECT_EQ(Offer(7, "paper"), Offered::kTaken);
  ASSERT_EQ(kafka.numbers.size(), 1U);
  EXPECT_EQ(kafka.envelopes.at(0).body, "x");
  Report(0, StorageOutcome::kStored);
  EXPECT_THAT(listener.notes, ElementsAre("7 stored"));
}

TEST_F(SpoolingSinkTest, LeavesCallbacksToKafkaThatFindNoRoomWithOthersOfTheirProvider) {
  spool.too_large = {"b"};
  Offer(1, "paper", "a");
  Offer(2, "paper", "b");
  Offer(3, "paper", "c");
  Report(0, StorageOutcome::kUnavailable);
  EXPECT_THAT(spool.taken, ElementsAre("1:a"));
  EXPECT_THAT(listener.notes, IsEmpty()) << "Kafka may take the others";
  Report(1, StorageOutcome::kStored);
  Report(2, StorageOutcome::kUnavailable);
  EXPECT_THAT(spool.taken, ElementsAre("1:a", "3:c"));
  EXPECT_THAT(listener.notes, ElementsAre("2 stored"));
}

TEST_F(SpoolingSinkTest, OffersStalledCallbacksToKafka) {
  spool.room = 0;
  spool.stalled = {7, 8};
  sink.ExpireUntil(At(0));
  ASSERT_EQ(at_once.numbers.size(), 2U);
  Report(at_once, 1, StorageOutcome::kStored);
  EXPECT_THAT(listener.notes, ElementsAre("8 stored"));
  sink.ExpireUntil(At(100));
  EXPECT_EQ(at_once.numbers.size(), 2U) << "each is offered once";
}

TEST_F(SpoolingSinkTest, LeavesStalledCallbacksToTheDiskIfKafkaFails) {
  spool.room = 0;
  spool.stalled = {7, 8, 9};
  sink.ExpireUntil(At(0));
  ASSERT_EQ(at_once.numbers.size(), 3U);
  Report(at_once, 0, StorageOutcome::kUnavailable);
  Report(at_once, 1, StorageOutcome::kRefused);
  sink.ExpireUntil(At(4000));
  sink.GiveUpOnKafka();
  EXPECT_THAT(listener.notes, IsEmpty()) << "the disk may still store it";
}

TEST_F(SpoolingSinkTest, RetriesStalledCallbacksOnceKafkaIsAvailable) {
  spool.stalled = {7, 8};
  at_once.answer = Offered::kAway;
  sink.ExpireUntil(At(0));
  EXPECT_THAT(spool.stalled, ElementsAre(7U, 8U));
  at_once.answer = Offered::kTaken;
  sink.ExpireUntil(At(50));
  EXPECT_THAT(spool.stalled, IsEmpty());
  EXPECT_THAT(listener.notes, IsEmpty());
}

TEST_F(SpoolingSinkTest, ReportsUnavailableIfNeitherAcceptsACallback) {
  spool.room = 0;
  kafka.answer = Offered::kAway;
  EXPECT_EQ(Offer(7, "paper"), Offered::kAway);
  kafka.answer = Offered::kTaken;
  EXPECT_EQ(Offer(8, "paper"), Offered::kTaken);
  sink.ExpireUntil(At(4000));
  EXPECT_THAT(listener.notes, ElementsAre("8 unavailable"));
}

TEST_F(SpoolingSinkTest, LetsACallbackThatKafkaDoesNotTakeWaitForTheDisk) {
  spool.room = 0;
  spool.places = 4;
  Offer(1, "paper", "a");
  Offer(2, "paper", "b");
  Offer(3, "paper", "c");
  kafka.answer = Offered::kAway;
  EXPECT_EQ(Offer(4, "paper", "d"), Offered::kTaken);
  EXPECT_EQ(Offer(5, "onfido", "e"), Offered::kAway);
  EXPECT_THAT(spool.taken, ElementsAre("4:d waits")) << "Kafka may still take the earlier ones";
  Report(0, StorageOutcome::kUnavailable);
  Report(1, StorageOutcome::kRefused);
  sink.ExpireUntil(At(4000));
  EXPECT_THAT(spool.taken, ElementsAre("4:d waits", "1:a waits", "2:b waits", "3:c waits"));
  EXPECT_THAT(listener.notes, IsEmpty());
}

TEST_F(SpoolingSinkTest, LetsCallbacksWaitForTheDiskOnceItHasGivenUpOnKafka) {
  spool.room = 0;
  spool.places = 2;
  Offer(1, "paper", "a");
  sink.GiveUpOnKafka();
  EXPECT_EQ(Offer(2, "paper", "b"), Offered::kTaken);
  EXPECT_EQ(Offer(3, "paper", "c"), Offered::kAway);
  EXPECT_THAT(spool.taken, ElementsAre("1:a waits", "2:b waits"));
}

TEST_F(SpoolingSinkTest, PassesReplayReportsToTheSpool) {
  Offer(7, "paper");
  const StorageReport reports[] = {
      {.number = (1U << 16U) | 3U, .outcome = StorageOutcome::kStored},
      {.number = kafka.numbers.at(0), .outcome = StorageOutcome::kStored}};
  sink.OnReports(reports);
  EXPECT_THAT(spool.replayed, ElementsAre((1U << 16U) | 3U));
  EXPECT_THAT(listener.notes, ElementsAre("7 stored"));
}

TEST_F(SpoolingSinkTest, GivesUpOnKafkaImmediatelyOnRequest) {
  Offer(1, "paper");
  Offer(2, "onfido");
  sink.GiveUpOnKafka();
  EXPECT_THAT(spool.taken, ElementsAre("1:x"));
  EXPECT_THAT(listener.notes, ElementsAre("2 unavailable"));
  EXPECT_EQ(Offer(3, "connect"), Offered::kTaken);
  EXPECT_EQ(Offer(4, "readid"), Offered::kAway);
  EXPECT_THAT(spool.taken, ElementsAre("1:x", "3:x"));
  EXPECT_EQ(kafka.numbers.size(), 2U);
}

}  // namespace
}  // namespace ingest
