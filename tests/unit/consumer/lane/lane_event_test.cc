#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "common/domain/dead_letter.h"
#include "tests/unit/consumer/lane/lane_bench.h"

namespace consumer {
namespace {

using common::EventFetch;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

constexpr int kHour = 60;  // Of LaneBench::Time().

common::ProviderRow EventsRow(std::string name, EventFetch fetch) {
  common::ProviderRow row{.name = std::move(name), .dedup_window = std::chrono::hours(24)};
  common::EventRules& rules = row.events.emplace();
  rules.extract.id = {"id"};
  rules.extract.type = {"type"};
  rules.extract.expires_at = {"expiresAt"};
  rules.extract.dossier = {"dossier"};
  rules.extract.process = {"process"};
  rules.extract.status = {"status"};
  rules.fetch = fetch;
  return row;
}

common::ProviderTable Rows() {
  common::ProviderRow fetched = EventsRow("fetched", EventFetch::kFull);
  fetched.events->same_as = "onfido";
  return common::ProviderTable({{.name = "onfido", .dedup_window = std::chrono::hours(12)},
                                std::move(fetched),
                                EventsRow("alone", EventFetch::kFull),
                                EventsRow("published", EventFetch::kNone)});
}

class LaneEvent : public ::testing::Test {
 protected:
  LaneEvent() { bench.source.Assign({0}); }

  void Arrives(const std::string& row, const std::string& key, const std::string& body,
               int minute = 0) {
    bench.ArrivesRaw(0, key, body, minute, {{"provider", row}});
  }
  void EventArrives(const std::string& row, const std::string& id, const std::string& process,
                    int minute = 0, const std::string& more = "") {
    Arrives(row, process,
            R"({"id":")" + id + R"(","dossier":"d","process":")" + process +
                R"(","status":"accepted")" + more + "}",
            minute);
  }
  void FinishAll() {
    bench.Turn();
    bench.fetcher.FinishAll();
    bench.Turn();
  }
  void Restart() {
    bench.source.Revoke();
    bench.Turn();
    bench.source.Assign({0});
    bench.Turn();
  }
  [[nodiscard]] std::vector<std::string> Outcomes() const {
    std::vector<std::string> outcomes;
    for (const OutgoingRecord& marker : bench.kafka.seen) {
      outcomes.emplace_back(common::LastHeader(marker.headers, "outcome").value_or("none"));
    }
    return outcomes;
  }
  int Count(Disposal disposal) { return bench.events.disposed[disposal]; }

  LaneBench bench{LaneBench::Quick(), Rows()};
};

TEST_F(LaneEvent, PublishesFetchedEventWithBothMarkersInOneTransaction) {
  EventArrives("fetched", "e1", "p1");
  FinishAll();
  EXPECT_THAT(bench.Published(), ElementsAre("p1"));
  EXPECT_NE(bench.kafka.processes[0].value.find(R"("provider":"fetched")"), std::string::npos)
      << "the row that received it";
  EXPECT_THAT(bench.committer.submitted, SizeIs(1));
  EXPECT_THAT(LaneBench::KeysOf(bench.kafka.seen),
              ElementsAre(common::IdentityOf("onfido", common::DossierId("d"),
                                             common::ProcessId("p1"), "accepted")
                              .view(),
                          common::IdentityOfEvent("fetched", common::EventId("e1")).view()));
  EXPECT_EQ(bench.kafka.committed.at(Partition(0)), Offset(1));
  EXPECT_EQ(Count(Disposal::kPublished), 1);
}

TEST_F(LaneEvent, PublishesOnceWhateverTheOrderOfEventAndCallback) {
  EventArrives("fetched", "e1", "event-first");
  bench.Arrives(0, "event-first", 1);
  bench.Arrives(0, "callback-first");
  EventArrives("fetched", "e2", "callback-first", 1);
  FinishAll();  // The four in one batch.
  EXPECT_THAT(bench.Published(), UnorderedElementsAre("event-first", "callback-first"));
  bench.Arrives(0, "event-first", 2 * kHour);
  EventArrives("fetched", "e3", "callback-first", 2 * kHour);
  FinishAll();  // Against markers.
  Restart();
  bench.Arrives(0, "event-first", 3 * kHour);
  EventArrives("fetched", "e4", "callback-first", 3 * kHour);
  FinishAll();  // Against restored ones.
  EXPECT_THAT(bench.Published(), SizeIs(2));
  EXPECT_EQ(Count(Disposal::kDuplicate), 6);
  EXPECT_EQ(bench.kafka.committed.at(Partition(0)), Offset(8));
}

TEST_F(LaneEvent, DropsCallbackLateByTheWindowOfTheEvents) {
  EventArrives("fetched", "e1", "p1");
  FinishAll();
  bench.Arrives(0, "p1", 23 * kHour);  // The callbacks' own window is 12 h.
  FinishAll();
  EXPECT_EQ(Count(Disposal::kDuplicate), 1);
}

TEST_F(LaneEvent, DropsRedeliveryThatSaysSomethingElse) {
  EventArrives("alone", "e1", "p1");
  FinishAll();
  Arrives("alone", "p1", R"({"id":"e1","dossier":"d","process":"p1","status":"rejected"})", 1);
  FinishAll();
  Restart();
  Arrives("alone", "p1", R"({"id":"e1","dossier":"d","process":"p1","status":"failed"})", 2);
  FinishAll();
  EXPECT_THAT(bench.Published(), ElementsAre("p1"));
  EXPECT_EQ(Count(Disposal::kDuplicate), 2);
}

TEST_F(LaneEvent, DropsRedeliveryInHand) {
  EventArrives("alone", "e1", "p1");
  Arrives("alone", "p1", R"({"id":"e1","dossier":"d","process":"p1","status":"other"})");
  bench.Turn();
  EXPECT_THAT(bench.fetcher.jobs, SizeIs(1));
}

TEST_F(LaneEvent, KeepsWindowOpenUntilExpiry) {
  const std::string more =
      R"(,"expiresAt":")" + common::FormatRfc3339(LaneBench::Time(40 * kHour)) + R"(")";
  EventArrives("alone", "e1", "p1", 0, more);
  FinishAll();
  Restart();
  EventArrives("alone", "e1", "p1", 39 * kHour, more);  // The row's window is 24 h.
  FinishAll();
  EXPECT_EQ(Count(Disposal::kDuplicate), 1);
  EventArrives("alone", "e1", "p1", 41 * kHour, more);
  FinishAll();
  EXPECT_THAT(bench.Published(), ElementsAre("p1", "p1")) << "expired, and a window later";
}

TEST_F(LaneEvent, KeepsWindowOfFactWhateverTheExpiry) {
  const std::string more =
      R"(,"expiresAt":")" + common::FormatRfc3339(LaneBench::Time(47 * kHour)) + R"(")";
  EventArrives("alone", "e1", "p1", 0, more);
  FinishAll();
  EventArrives("alone", "e2", "p1", 23 * kHour, more);
  FinishAll();
  EXPECT_EQ(Count(Disposal::kDuplicate), 1);
  EventArrives("alone", "e3", "p1", 30 * kHour, more);  // The row's window is 24 h.
  FinishAll();
  EXPECT_THAT(bench.Published(), ElementsAre("p1", "p1"));
}

TEST_F(LaneEvent, KeepsWindowOfEventKnownByOneIdentityOpenUntilExpiry) {
  const std::string more =
      R"(,"expiresAt":")" + common::FormatRfc3339(LaneBench::Time(47 * kHour)) + R"("})";
  const std::string without_id = R"({"dossier":"d","process":"p1","status":"accepted")" + more;
  Arrives("alone", "p1", without_id);
  Arrives("published", "e1", R"({"id":"e1")" + more);
  FinishAll();
  Arrives("alone", "p1", without_id, 40 * kHour);
  Arrives("published", "e1", R"({"id":"e1","attempt":2)" + more, 40 * kHour);
  FinishAll();
  EXPECT_EQ(Count(Disposal::kDuplicate), 2);
}

TEST_F(LaneEvent, HandlesEventWithoutIdByItsFactAlone) {
  const std::string body = R"({"dossier":"d","process":"p1","status":"accepted"})";
  Arrives("fetched", "p1", body);
  Arrives("fetched", "p1", body + " ");
  FinishAll();
  EXPECT_THAT(bench.Published(), ElementsAre("p1"));
  EXPECT_THAT(bench.kafka.seen, SizeIs(1));
}

TEST_F(LaneEvent, OnlyMarksIgnoredEvent) {
  EventArrives("fetched", "mock", "p1", 0, R"(,"tags":["mock"])");
  EventArrives("fetched", "mock", "p1", 1, R"(,"tags":["mock"])");
  EventArrives("fetched", "ping", "p1", 1, R"(,"type":"ping")");
  bench.Turn();
  EXPECT_THAT(bench.fetcher.jobs, IsEmpty());
  EXPECT_THAT(bench.kafka.processes, IsEmpty());
  EXPECT_THAT(bench.kafka.dead, IsEmpty());
  EXPECT_THAT(Outcomes(), ElementsAre("ignored", "ignored"));
  EXPECT_EQ(bench.kafka.committed.at(Partition(0)), Offset(3));
  EXPECT_EQ(Count(Disposal::kIgnored), 2);
  EXPECT_EQ(Count(Disposal::kDuplicate), 1);
  EventArrives("fetched", "e1", "p1", 2);
  FinishAll();
  EXPECT_THAT(bench.Published(), ElementsAre("p1")) << "the fact itself was not ignored";
}

TEST_F(LaneEvent, WritesDeadLetterForFetchedEventWithoutIds) {
  Arrives("fetched", "e1", R"({"id":"e1","dossier":"d"})");
  Arrives("published", "x", "no object");
  bench.Turn();
  EXPECT_THAT(bench.Dead(), ElementsAre("e1", "x"));
  EXPECT_THAT(Outcomes(), ElementsAre("dead", "dead"));
  EventArrives("fetched", "e1", "p1", 1);
  FinishAll();
  EXPECT_THAT(bench.Published(), ElementsAre("p1")) << "the sender has corrected it";
}

TEST_F(LaneEvent, PublishesEventItselfOnce) {
  Arrives("published", "e1", R"( { "id":"e1", "n": 1.50e+2 })");
  Arrives("published", "e1", R"({"id":"e1","attempt":2})", 1);
  Arrives("published", "hash", "{}", 1);
  Arrives("published", "hash", "{}", 2);
  bench.Turn();
  EXPECT_THAT(bench.fetcher.jobs, IsEmpty());
  EXPECT_THAT(bench.Published(), ElementsAre("e1", "hash"));
  EXPECT_NE(bench.kafka.processes[0].value.find(R"("event":{ "id":"e1", "n": 1.50e+2 },)"),
            std::string::npos)
      << bench.kafka.processes[0].value;
  EXPECT_EQ(bench.kafka.processes[0].partition, Partition(0));
  EXPECT_EQ(Count(Disposal::kPublished), 2);
  EXPECT_EQ(Count(Disposal::kDuplicate), 2);
  EXPECT_EQ(common::LastHeader(bench.kafka.seen[0].headers, "fetch"), "none");
}

TEST_F(LaneEvent, PublishesEventsAboutOneProcessEachByItself) {
  EventArrives("published", "e1", "p1");
  EventArrives("published", "e2", "p1");
  bench.Turn();
  EXPECT_THAT(bench.Published(), ElementsAre("p1", "p1"));
}

TEST(LaneEventReference, PublishesNothingOfTheEvent) {
  LaneSettings settings = LaneBench::Quick();
  settings.publish = PublishMode::kReference;
  LaneBench bench(std::move(settings), Rows());
  bench.ArrivesRaw(0, "e1", R"({"id":"e1","name":"Kari"})", 0, {{"provider", "published"}});
  bench.AssignAndRestore({0});
  ASSERT_THAT(bench.kafka.processes, SizeIs(1));
  const std::string& value = bench.kafka.processes[0].value;
  EXPECT_EQ(value.find("Kari"), std::string::npos);
  EXPECT_NE(value.find(R"("event":{"sha256":")"), std::string::npos) << value;
  EXPECT_NE(value.find(R"("bytes":25})"), std::string::npos) << value;
}

TEST_F(LaneEvent, RedrivesEventLetterOnce) {
  EventArrives("fetched", "e1", "p1");
  bench.Turn();
  bench.fetcher.Fail("p1", common::DeadReason::kRejected, 400);
  bench.Turn();
  ASSERT_THAT(bench.kafka.dead, SizeIs(1));
  EXPECT_THAT(Outcomes(), ElementsAre("dead", "dead"));
  const std::string body = bench.kafka.dead[0].value;
  const common::RecordHeaders redriven{{"provider", "fetched"}, {"redrive", "callbacks.dead-0-0"}};
  bench.ArrivesRaw(0, "p1", body, 1, redriven);
  bench.ArrivesRaw(0, "p1", body, 2, redriven);
  EventArrives("fetched", "e1", "p1", 3);
  FinishAll();
  EXPECT_THAT(bench.Published(), ElementsAre("p1"));
  EXPECT_EQ(Count(Disposal::kDuplicate), 2);
}

/// Event e1 about p1 dies `malformed`, because the row has a wrong pointer; then the row is mended.
class LaneMalformedEvent : public LaneEvent {
 protected:
  LaneMalformedEvent() {
    std::vector<common::ProviderRow> wrong = bench.providers.rows();
    for (common::ProviderRow& row : wrong) {
      if (row.events) row.events->extract.process = {"no such member"};
    }
    bench.providers = common::ProviderTable(std::move(wrong));
    EventArrives("fetched", "e1", "p1");
    bench.Turn();
    bench.providers = Rows();
    Restart();
  }
  void Redrive(int minute) {
    const OutgoingRecord& letter = bench.kafka.dead.at(0);
    bench.ArrivesRaw(0, letter.key, letter.value, minute,
                     common::RedrivenHeaders(letter.headers, "callbacks.dead-0-0"));
  }
};

TEST_F(LaneMalformedEvent, IsPublishedOnceDespiteRedrivesAndRedeliveries) {
  EXPECT_THAT(bench.Dead(), ElementsAre("p1"));
  Redrive(1);
  Redrive(2);
  FinishAll();
  EXPECT_THAT(bench.Published(), ElementsAre("p1"));
  EventArrives("fetched", "e1", "p1", 3);
  bench.Arrives(0, "p1", 4);
  Arrives("fetched", "p1", R"({"id":"e1","dossier":"d","process":"p1","status":"rejected"})", 5);
  FinishAll();
  EXPECT_THAT(bench.Published(), ElementsAre("p1"));
  EXPECT_EQ(Count(Disposal::kDuplicate), 4);
}

TEST_F(LaneMalformedEvent, IsNotPublishedByRedriveAfterCallback) {
  bench.Arrives(0, "p1", 1);
  FinishAll();
  Redrive(2);
  FinishAll();
  EXPECT_THAT(bench.Published(), ElementsAre("p1"));
  EXPECT_EQ(Count(Disposal::kDuplicate), 1);
}

TEST_F(LaneMalformedEvent, IsNotPublishedByRedriveAfterRepetition) {
  Arrives("fetched", "p1", R"({"id":"e1","dossier":"d","process":"p1","status":"rejected"})", 1);
  FinishAll();
  Redrive(2);
  FinishAll();
  EXPECT_THAT(bench.Published(), ElementsAre("p1"));
  EXPECT_EQ(Count(Disposal::kDuplicate), 1);
}

TEST_F(LaneMalformedEvent, IsNewFactIfRedrivenLetterDiesAgain) {
  Redrive(1);
  bench.Turn();
  bench.fetcher.Fail("p1", common::DeadReason::kRejected, 400);
  bench.Turn();
  ASSERT_THAT(bench.Dead(), ElementsAre("p1", "p1"));
  bench.ArrivesRaw(0, "p1", bench.kafka.dead[1].value, 2,
                   common::RedrivenHeaders(bench.kafka.dead[1].headers, "callbacks.dead-0-1"));
  FinishAll();
  EXPECT_THAT(bench.Published(), ElementsAre("p1"));
}

TEST_F(LaneEvent, MarksEventsOfARefusedBatchAgain) {
  EventArrives("fetched", "e1", "p1");
  EventArrives("fetched", "mock", "p2", 0, R"(,"tags":["mock"])");
  EventArrives("published", "e2", "bad");
  bench.Arrives(0, "p3");
  bench.kafka.refuses = [](const OutgoingRecord& record) -> std::optional<RefusalReason> {
    const bool is_bad = record.topic == OutgoingTopic::kProcesses && record.key == "bad";
    return is_bad ? std::optional(RefusalReason::kTooLarge) : std::nullopt;
  };
  bench.Turn();
  bench.fetcher.FinishAll();
  bench.Turn(20);
  EXPECT_THAT(bench.Published(), UnorderedElementsAre("p1", "p3"));
  EXPECT_THAT(bench.Dead(), ElementsAre("bad"));
  EXPECT_EQ(common::LastHeader(bench.kafka.dead[0].headers, "dead.http-status"), std::nullopt);
  EXPECT_THAT(Outcomes(),
              UnorderedElementsAre("published", "published", "ignored", "dead", "published"));
  EXPECT_EQ(bench.kafka.committed.at(Partition(0)), Offset(4));
}

TEST_F(LaneEvent, SetsIgnoredEventAsideWhileMarkersAreRefused) {
  EventArrives("fetched", "mock", "p1", 0, R"(,"tags":["mock"])");
  EventArrives("published", "e1", "p2");
  bench.kafka.refuses = [](const OutgoingRecord& record) -> std::optional<RefusalReason> {
    const bool is_marker = record.topic == OutgoingTopic::kSeen;
    return is_marker ? std::optional(RefusalReason::kUnauthorized) : std::nullopt;
  };
  bench.Turn(20);
  EXPECT_EQ(bench.kafka.committed[Partition(0)], Offset(0));
  bench.kafka.refuses = nullptr;
  for (int i = 0; i < 20; ++i) bench.Pass(std::chrono::seconds(10));
  EXPECT_THAT(Outcomes(), UnorderedElementsAre("ignored", "published"));
  EXPECT_THAT(bench.Published(), ElementsAre("p2"));
  EXPECT_EQ(bench.kafka.committed.at(Partition(0)), Offset(2));
}

TEST_F(LaneEvent, PublishesEventAgainThatWasDroppedForLackOfRoom) {
  LaneSettings settings = LaneBench::Quick();
  settings.commit.batch.set_aside.bytes = 300;
  LaneBench small(std::move(settings), Rows());
  small.kafka.refuses = [](const OutgoingRecord& record) -> std::optional<RefusalReason> {
    const bool is_result = record.topic == OutgoingTopic::kProcesses;
    return is_result ? std::optional(RefusalReason::kUnavailable) : std::nullopt;
  };
  small.source.Assign({0});
  for (int i = 0; i < 4; ++i) {
    small.ArrivesRaw(0, "p", R"({"id":")" + std::to_string(i) + R"("})", 0,
                     {{"provider", "published"}});
    small.Turn(20);
  }
  EXPECT_THAT(small.kafka.processes, IsEmpty());
  small.kafka.refuses = nullptr;
  for (int i = 0; i < 20; ++i) small.Pass(std::chrono::seconds(10));
  EXPECT_THAT(small.kafka.processes, SizeIs(4));
  EXPECT_EQ(small.kafka.committed.at(Partition(0)), Offset(4));
  EXPECT_THAT(small.fetcher.jobs, IsEmpty());
}

TEST_F(LaneEvent, DoesNotTreatPublishedEventAsAnswerOfApi) {
  EventArrives("published", "e1", "p1", 5);
  bench.Turn();
  Restart();
  bench.Arrives(0, "p2", 1);
  bench.Turn();
  ASSERT_THAT(bench.fetcher.jobs, SizeIs(1));
  EXPECT_FALSE(bench.fetcher.jobs[0].is_overtaken);
}

}  // namespace
}  // namespace consumer
