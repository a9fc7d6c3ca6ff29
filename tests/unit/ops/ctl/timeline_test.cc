#include "ops/ctl/trace/timeline.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "common/domain/process_status.h"
#include "common/domain/reconciled.h"
#include "ops/ctl/records/record_position.h"

namespace ctl {
namespace {

using namespace std::chrono_literals;
using common::Offset;
using common::Partition;
using common::WallTime;

constexpr WallTime kNoon{1'800'000'000s};
constexpr std::chrono::seconds kWindow = 1h;

/// Builds the records of one process, each a second after the one before.
class Topics {
 public:
  TracedCallback& Callback(const std::string& request, const std::string& status = "completed") {
    TracedCallback callback;
    callback.place = {Partition(3), Offset(next_++)};
    callback.at = Tick();
    callback.key = "p";
    callback.facts.provider = "onfido";
    callback.facts.is_readable = true;
    callback.facts.is_final = common::IsFinalStatus(status);
    callback.facts.handling = common::Handling::kFetch;
    callback.facts.dossier = common::DossierId("d");
    callback.facts.process = common::ProcessId("p");
    callback.facts.status = status;
    callback.facts.identity =
        common::IdentityOf("onfido", callback.facts.dossier, callback.facts.process, status);
    callback.times = {callback.at, callback.at};
    callback.windows = {kWindow, kWindow};
    callback.request_id = request;
    return last_ = callback;
  }
  TracedCallback Redriven(const std::string& request, const std::string& letter) {
    TracedCallback callback = Callback(request);
    callback.facts.is_redriven = true;
    callback.facts.identity = common::IdentityOfRedriven(callback.facts.identity, letter);
    callback.redrive = letter;
    return callback;
  }
  TracedOutcome ResultOf(const TracedCallback& callback) {
    return {.is_result = true,
            .place = {Partition(3), Offset(next_result_++)},
            .at = Tick(),
            .callback = callback.place,
            .request_id = callback.request_id};
  }
  TracedOutcome LetterOf(const TracedCallback& callback) {
    TracedOutcome letter = ResultOf(callback);
    letter.is_result = false;
    letter.reason = "gone";
    return letter;
  }
  TracedMarker MarkerOf(const TracedCallback& callback, common::MarkerOutcome outcome) {
    return {.place = {Partition(3), Offset(0)},
            .marker = {.identity = callback.facts.identity,
                       .record_time = callback.times.marked_at,
                       .outcome = outcome}};
  }

  /// A result without a callback.
  TracedOutcome Reconciled(const std::string& status = "completed") {
    return {.is_reconciled = true,
            .place = {Partition(3), Offset(next_result_++)},
            .at = Tick(),
            .provider = "onfido",
            .dossier = "d",
            .process = "p",
            .status = status};
  }
  TracedMarker MarkerOf(const TracedOutcome& reconciled) {
    return {.place = {Partition(3), Offset(0)},
            .marker = {.identity = common::IdentityOfReconciled(
                           common::DossierId("d"), common::ProcessId("p"), *reconciled.status),
                       .record_time = reconciled.at,
                       .outcome = common::MarkerOutcome::kPublished},
            .is_reconciled = true};
  }
  TracedAnnouncement Announced() {
    return {.place = {Partition(3), Offset(next_announced_++)},
            .at = Tick(),
            .provider = "onfido",
            .dossier = "d",
            .process = "p"};
  }
  TracedAnnouncement Forgotten() {
    return {.place = {Partition(3), Offset(next_announced_++)}, .at = Tick(), .is_forgotten = true};
  }

  WallTime Tick() { return now_ += 1s; }
  void Wait(std::chrono::seconds time) { now_ += time; }

 private:
  WallTime now_ = kNoon;
  std::int64_t next_ = 10;
  std::int64_t next_result_ = 100;
  std::int64_t next_announced_ = 1'000;
  TracedCallback last_;
};

/// "waiting: received 3:10, duplicate 3:11"
std::string Tell(const TraceFacts& facts, const CommittedOf& committed) {
  const Timeline timeline = facts.Judge(committed);
  std::string text(ToText(timeline.verdict));
  for (const TraceEvent& event : timeline.events) {
    text += (&event == &timeline.events.front() ? ": " : ", ") + std::string(ToText(event.what)) +
            " " + ToText(event.place);
  }
  return text;
}

const CommittedOf kAll = {{Partition(3), Offset(1'000)}, {Partition(5), Offset(1'000)}};

TEST(Timeline, TellsOfAResultAndTheRedeliveriesAfterIt) {
  Topics topics;
  TraceFacts facts;
  const auto first = topics.Callback("r-1");
  facts.Add(first);
  facts.Add(topics.ResultOf(first));
  facts.Add(topics.Callback("r-2"));
  EXPECT_EQ(Tell(facts, kAll), "published: received 3:10, published 3:100, duplicate 3:11");
}

TEST(Timeline, WaitsForACallbackThatTheGroupHasNotPassed) {
  Topics topics;
  TraceFacts facts;
  facts.Add(topics.Callback("r-1"));
  facts.Add(topics.Callback("r-2"));
  EXPECT_EQ(Tell(facts, {{Partition(3), Offset(10)}}), "waiting: received 3:10, duplicate 3:11");
  EXPECT_EQ(facts.Judge({{Partition(3), Offset(10)}}).waiting->place.offset, Offset(10));
  EXPECT_EQ(Tell(facts, {}), "waiting: received 3:10, duplicate 3:11");
}

TEST(Timeline, IsUnknownIfThePassedCallbackHasNoOutcome) {
  Topics topics;
  TraceFacts facts;
  const auto callback = topics.Callback("r-1");
  facts.Add(callback);
  EXPECT_EQ(Tell(facts, kAll), "unknown: received 3:10");
  EXPECT_TRUE(facts.WithoutOutcome(kAll).contains(callback.facts.identity));
}

TEST(Timeline, NamesNoIngestForARedriveThatAnOperatorMade) {
  Topics topics;
  TraceFacts facts;
  auto redriven = topics.Redriven("r-1", "dead-0-1");
  redriven.ingest_instance = "ingest-7";
  redriven.facts.is_spooled = true;
  facts.Add(redriven);
  const TraceEvent event = facts.Judge(kAll).events.at(0);
  EXPECT_EQ(event.what, TraceEvent::What::kRedriven);
  EXPECT_EQ(event.instance, std::nullopt);
  EXPECT_FALSE(event.is_spooled);
}

TEST(Timeline, KnowsADuplicateOnlyOnItsOwnPartition) {
  Topics topics;
  TraceFacts facts;
  const auto first = topics.Callback("r-1");
  facts.Add(first);
  facts.Add(topics.ResultOf(first));
  // Partitions were added since, and consumer's dedup tables are by partition.
  auto second = topics.Callback("r-2");
  second.place.partition = common::Partition(5);
  facts.Add(second);
  EXPECT_EQ(Tell(facts, {{Partition(3), Offset(1'000)}}),
            "waiting: received 3:10, published 3:100, received 5:11");
  EXPECT_EQ(Tell(facts, {{Partition(3), Offset(1'000)}, {Partition(5), Offset(11)}}),
            "waiting: received 3:10, published 3:100, received 5:11");
}

TEST(Timeline, BelievesTheMarkerIfTheResultHasExpired) {
  Topics topics;
  TraceFacts facts;
  const auto callback = topics.Callback("r-1");
  facts.Add(callback);
  facts.Add(topics.MarkerOf(callback, common::MarkerOutcome::kPublished));
  EXPECT_EQ(Tell(facts, kAll), "published: received 3:10, published 3:0");
}

TEST(Timeline, TreatsCallbackAsDuplicateOfEarlierMarker) {
  Topics topics;
  TraceFacts facts;
  const auto expired = topics.Callback("r-1");
  facts.Add(topics.Callback("r-2"));
  facts.Add(topics.MarkerOf(expired, common::MarkerOutcome::kPublished));
  EXPECT_EQ(Tell(facts, kAll), "published: published 3:0, duplicate 3:11");
}

TEST(Timeline, TellsOfAnIgnoredEvent) {
  Topics topics;
  TraceFacts facts;
  const auto mock = topics.Callback("r-1", "mock");
  facts.Add(mock);
  facts.Add(topics.Callback("r-2", "mock"));
  facts.Add(topics.MarkerOf(mock, common::MarkerOutcome::kIgnored));
  EXPECT_EQ(Tell(facts, kAll), "ignored: received 3:10, ignored 3:0, duplicate 3:11");
}

TEST(Timeline, LetsNoIgnoredEventHideTheFactsBeforeIt) {
  Topics topics;
  TraceFacts facts;
  const auto fact = topics.Callback("r-1");
  facts.Add(fact);
  facts.Add(topics.ResultOf(fact));
  const auto mock = topics.Callback("r-2", "mock");
  facts.Add(mock);
  facts.Add(topics.MarkerOf(mock, common::MarkerOutcome::kIgnored));
  EXPECT_EQ(facts.Judge(kAll).verdict, TraceVerdict::kPublished);
}

TEST(Timeline, TreatsEventWithSameIdAsDuplicate) {
  Topics topics;
  TraceFacts facts;
  const auto id = common::IdentityOfEvent("assure-events", common::EventId("e-1"));
  auto first = topics.Callback("r-1");
  first.facts.event_identity = id;
  facts.Add(first);
  facts.Add(topics.ResultOf(first));
  auto other_status = topics.Callback("r-2", "rejected");
  other_status.facts.event_identity = id;
  facts.Add(other_status);
  EXPECT_EQ(Tell(facts, kAll), "published: received 3:10, published 3:100, duplicate 3:11");
}

TEST(Timeline, TreatsEventAsDuplicateByWindowOfEachIdentity) {
  Topics topics;
  TraceFacts facts;
  const auto event = [&](const std::string& request, const std::string& id) {
    auto arrived = topics.Callback(request);
    arrived.facts.event_identity = common::IdentityOfEvent("e", common::EventId(id));
    arrived.windows.event = 10 * kWindow;
    return arrived;
  };
  const auto first = event("r-1", "e-1");
  facts.Add(first);
  facts.Add(topics.ResultOf(first));
  topics.Wait(kWindow + 1h);  // A marker's time is rounded up to the hour.
  facts.Add(event("r-2", "e-1"));
  facts.Add(event("r-3", "e-2"));
  EXPECT_EQ(Tell(facts, {{Partition(3), Offset(12)}}),
            "waiting: received 3:10, published 3:100, duplicate 3:11, received 3:12");
}

TEST(Timeline, TreatsEventAsDuplicateByItsOwnMarker) {
  Topics topics;
  TraceFacts facts;
  auto event = topics.Callback("r-2", "rejected");
  event.facts.event_identity = common::IdentityOfEvent("assure-events", common::EventId("e-1"));
  facts.Add(event);
  EXPECT_TRUE(facts.WithoutOutcome(kAll).contains(*event.facts.event_identity));
  facts.Add(TracedMarker{.place = {Partition(3), Offset(0)},
                         .marker = {.identity = *event.facts.event_identity,
                                    .record_time = event.at - 10min,
                                    .outcome = common::MarkerOutcome::kPublished}});
  EXPECT_EQ(Tell(facts, kAll), "published: published 3:0, duplicate 3:10");
}

TEST(Timeline, TreatsRedeliveryAfterWindowAsNewFact) {
  Topics topics;
  TraceFacts facts;
  const auto first = topics.Callback("r-1");
  facts.Add(first);
  facts.Add(topics.ResultOf(first));
  topics.Wait(kWindow + 1h);  // A marker's time is rounded up to the hour.
  facts.Add(topics.Callback("r-2"));
  EXPECT_EQ(Tell(facts, {{Partition(3), Offset(11)}}),
            "waiting: received 3:10, published 3:100, received 3:11");
}

TEST(Timeline, FollowsAMalformedEventThroughItsRedrive) {
  Topics topics;
  TraceFacts facts;
  const auto first = topics.Callback("r-1");
  facts.Add(first);
  auto letter = topics.LetterOf(first);
  letter.reason = "malformed";
  facts.Add(letter);
  auto redriven = topics.Callback("r-1");
  redriven.facts.is_redriven = true;  // Of the same identity: its row can read it by now.
  redriven.redrive = "callbacks.dead-0-0";
  facts.Add(redriven);
  EXPECT_EQ(Tell(facts, {{Partition(3), Offset(11)}}),
            "waiting: received 3:10, dead 3:100, redriven 3:11");
  facts.Add(topics.ResultOf(redriven));
  EXPECT_EQ(Tell(facts, kAll),
            "published: received 3:10, dead 3:100, redriven 3:11, published 3:101");
}

TEST(Timeline, FollowsADeadLetterThroughItsRedrive) {
  Topics topics;
  TraceFacts facts;
  const auto first = topics.Callback("r-1");
  facts.Add(first);
  facts.Add(topics.LetterOf(first));
  EXPECT_EQ(Tell(facts, kAll), "dead: received 3:10, dead 3:100");
  const auto again = topics.Redriven("r-1", "callbacks.dead-3-100");
  facts.Add(again);
  EXPECT_EQ(Tell(facts, {{Partition(3), Offset(11)}}),
            "waiting: received 3:10, dead 3:100, redriven 3:11");
  facts.Add(topics.ResultOf(again));
  EXPECT_EQ(Tell(facts, kAll),
            "published: received 3:10, dead 3:100, redriven 3:11, published 3:101");
}

TEST(Timeline, FindsTheOutcomeOfACallbackThatAMirrorHasMoved) {
  Topics topics;
  TraceFacts facts;
  const auto first = topics.Callback("r-1");
  facts.Add(first);
  TracedOutcome result = topics.ResultOf(first);
  result.callback = common::RecordPosition{Partition(3), Offset(77)};
  facts.Add(result);
  EXPECT_EQ(Tell(facts, kAll), "published: received 3:10, published 3:100");
}

TEST(Timeline, DoesNotTakeTheResultAtThePlaceOfAnEarlierLogForItsOwn) {
  Topics topics;
  TraceFacts facts;
  const auto callback = topics.Callback("r-9");
  facts.Add(callback);
  TracedOutcome other = topics.ResultOf(callback);
  other.request_id = "r-1";
  facts.Add(other);
  EXPECT_EQ(Tell(facts, {{Partition(3), Offset(10)}}), "waiting: received 3:10, published 3:100");
}

TEST(Timeline, ReportsResultOfExpiredCallback) {
  Topics topics;
  TraceFacts facts;
  facts.Add(topics.ResultOf(topics.Callback("r-1")));
  EXPECT_EQ(Tell(facts, kAll), "published: published 3:100");
}

TEST(Timeline, TellsOfEachStatusOfAProcess) {
  Topics topics;
  TraceFacts facts;
  const auto pending = topics.Callback("r-1", "pending");
  facts.Add(pending);
  facts.Add(topics.ResultOf(pending));
  facts.Add(topics.Callback("r-2", "completed"));
  EXPECT_EQ(Tell(facts, {{Partition(3), Offset(11)}}),
            "waiting: received 3:10, published 3:100, received 3:11");
}

TEST(Timeline, KeepsExcerptsOfTheSendersTexts) {
  Topics topics;
  const std::string long_text(std::size_t{1} << 20U, 'x');
  TracedCallback callback = topics.Callback("r", long_text);
  callback.facts.provider = long_text;
  callback.facts.dossier = common::DossierId(long_text);
  TraceFacts facts;
  facts.Add(callback);
  const Timeline timeline = facts.Judge({});
  ASSERT_EQ(timeline.events.size(), 1U);
  EXPECT_EQ(timeline.events[0].status, std::string(256, 'x') + "…");
  EXPECT_EQ(timeline.events[0].provider, timeline.events[0].status);
  EXPECT_EQ(timeline.dossier, timeline.events[0].status);
  EXPECT_EQ(facts.callbacks()[0].facts.identity, callback.facts.identity);
}

TEST(Timeline, NamesASpooledDelivery) {
  Topics topics;
  TraceFacts facts;
  auto callback = topics.Callback("r-1");
  callback.facts.is_spooled = true;
  facts.Add(callback);
  facts.Add(topics.ResultOf(callback));
  EXPECT_EQ(Tell(facts, kAll), "published: spooled 3:10, published 3:100");
}

TEST(Timeline, RoundsTheMarkerUpToTheHourAsConsumerDoes) {
  Topics topics;
  TraceFacts facts;
  const auto first = topics.Callback("r-1");
  facts.Add(first);
  facts.Add(topics.ResultOf(first));
  topics.Wait(kWindow);
  facts.Add(topics.Callback("r-2"));
  EXPECT_EQ(Tell(facts, kAll), "published: received 3:10, published 3:100, duplicate 3:11");
}

TEST(Timeline, TreatsRedeliveryAsDuplicateWhileFirstIsInHand) {
  Topics topics;
  TraceFacts facts;
  const auto first = topics.Callback("r-1");
  facts.Add(first);
  topics.Wait(3 * kWindow);
  facts.Add(topics.Callback("r-2"));
  EXPECT_EQ(Tell(facts, {{Partition(3), Offset(10)}}), "waiting: received 3:10, duplicate 3:11");
  facts.Add(topics.ResultOf(first));
  EXPECT_EQ(Tell(facts, kAll), "published: received 3:10, duplicate 3:11, published 3:100");
}

TEST(Timeline, WaitsForTheCopyOfACallbackThatWasPassedOver) {
  Topics topics;
  TraceFacts facts;
  facts.Add(topics.Callback("r-1"));
  facts.Add(topics.Callback("r-1"));
  EXPECT_EQ(Tell(facts, {{Partition(3), Offset(11)}}), "waiting: received 3:10, received 3:11");
}

TEST(Timeline, GivesALetterAndTheResultOfItsRedriveToTheirCallbacksOnACopiedLog) {
  Topics topics;
  TraceFacts facts;
  const auto first = topics.Callback("r-1");
  TracedOutcome letter = topics.LetterOf(first);
  const auto again = topics.Redriven("r-1", "callbacks.dead-3-100");
  TracedOutcome result = topics.ResultOf(again);
  letter.callback = common::RecordPosition{Partition(3), Offset(70)};
  result.callback = common::RecordPosition{Partition(3), Offset(71)};
  facts.Add(first);
  facts.Add(again);
  facts.Add(result);
  facts.Add(letter);
  EXPECT_EQ(Tell(facts, kAll),
            "published: received 3:10, dead 3:100, redriven 3:11, published 3:101");
}

TEST(Timeline, DoesNotGiveAnEarlierLetterToTheRedrivenCallback) {
  Topics topics;
  TraceFacts facts;
  facts.Add(topics.LetterOf(topics.Callback("r-1")));
  facts.Add(topics.Redriven("r-1", "callbacks.dead-3-100"));
  EXPECT_EQ(Tell(facts, {{Partition(3), Offset(10)}}), "waiting: dead 3:100, redriven 3:11");
}

TEST(Timeline, MeasuresTheCallbackThatDecidesTheVerdict) {
  Topics topics;
  TraceFacts facts;
  const auto pending = topics.Callback("r-1", "pending");
  facts.Add(pending);
  facts.Add(topics.ResultOf(pending));
  topics.Wait(72h);
  const auto completed = topics.Callback("r-2", "completed");
  facts.Add(completed);
  facts.Add(topics.ResultOf(completed));
  EXPECT_EQ(facts.Judge(kAll).took, 1s);
}

TEST(Timeline, JudgesManyRedeliveriesOfTwoFactsInLinearTime) {
  Topics topics;
  TraceFacts facts;
  const auto first = topics.Callback("r-0");
  facts.Add(first);
  facts.Add(topics.ResultOf(first));
  const auto other = topics.Callback("r-0b", "declined");
  facts.Add(other);
  constexpr int kMany = 200'000;
  for (int i = 1; i <= kMany; ++i) {
    auto again = i % 2 == 0 ? first : other;
    again.place.offset = first.place.offset + 1 + i;
    again.request_id = "r-" + std::to_string(i);
    facts.Add(again);
  }
  EXPECT_EQ(facts.Judge({{Partition(3), Offset(2 * kMany)}}).events.size(), kMany + 3U);
}

TEST(Timeline, WaitsForACallbackThatIsAnnounced) {
  Topics topics;
  TraceFacts facts;
  facts.Add(topics.Announced());
  EXPECT_EQ(Tell(facts, kAll), "waiting: announced 3:1000");
  const Timeline timeline = facts.Judge(kAll);
  EXPECT_EQ(timeline.dossier, "d");
  EXPECT_EQ(timeline.process, "p");
  ASSERT_TRUE(timeline.expected);
  EXPECT_EQ(timeline.expected->announced_at, kNoon + 1s);
  EXPECT_FALSE(timeline.waiting) << "no callback is there that could wait";
}

TEST(Timeline, WaitsAlsoIfTheProcessHasATransientStatusOnly) {
  Topics topics;
  TraceFacts facts;
  facts.Add(topics.Announced());
  const auto pending = topics.Callback("r-1", "pending");
  facts.Add(pending);
  facts.Add(topics.ResultOf(pending));
  EXPECT_EQ(Tell(facts, kAll), "waiting: announced 3:1000, received 3:10, published 3:100");
}

TEST(Timeline, IsAboutTheCallbackOnceItHasCome) {
  Topics topics;
  TraceFacts facts;
  facts.Add(topics.Announced());
  const auto callback = topics.Callback("r-1");
  facts.Add(callback);
  EXPECT_EQ(facts.Judge(kAll).verdict, TraceVerdict::kUnknown) << "passed over";
  EXPECT_TRUE(facts.Judge({}).waiting);
  facts.Add(topics.ResultOf(callback));
  EXPECT_EQ(Tell(facts, kAll), "published: announced 3:1000, received 3:10, published 3:100");
}

TEST(Timeline, CountsTheCallbackOfTheHourBeforeTheAnnouncementAndNoOlderOne) {
  for (const auto& [before, verdict] : {std::pair{40min, "published"}, {70min, "waiting"}}) {
    Topics topics;
    TraceFacts facts;
    topics.Wait(1min);
    const auto callback = topics.Callback("r-1");
    facts.Add(callback);
    facts.Add(topics.ResultOf(callback));
    topics.Wait(before);
    facts.Add(topics.Announced());
    EXPECT_EQ(ToText(facts.Judge(kAll).verdict), std::string(verdict)) << before.count();
  }
}

TEST(Timeline, DoesNotWaitForAnAnnouncementThatIsTakenBackOrMistaken) {
  Topics topics;
  TraceFacts facts;
  facts.Add(topics.Announced());
  facts.Add(topics.Forgotten());
  TracedAnnouncement mistaken = topics.Announced();
  mistaken.mistake = "the key is not the normalised processId";
  facts.Add(mistaken);
  EXPECT_EQ(Tell(facts, kAll), "unknown: announced 3:1000, announced 3:1001, announced 3:1002");
  EXPECT_FALSE(facts.Judge(kAll).expected);
  facts.Add(topics.Announced());
  EXPECT_TRUE(facts.Judge(kAll).expected) << "announced again";
}

TEST(Timeline, TellsOfAResultWithoutItsCallback) {
  Topics topics;
  TraceFacts facts;
  facts.Add(topics.Announced());
  facts.Add(topics.Reconciled());
  EXPECT_EQ(Tell(facts, kAll), "published: announced 3:1000, reconciled 3:100");
  EXPECT_EQ(facts.Judge(kAll).process, "p");
}

TEST(Timeline, TreatsCallbackOfReconciledProcessAsDuplicateOnAnyRoute) {
  for (const char* provider : {"onfido", "readid"}) {
    Topics topics;
    TraceFacts facts;
    facts.Add(topics.Announced());
    const auto result = topics.Reconciled();
    facts.Add(result);
    auto late = topics.Callback("r-1");
    late.facts.identity =
        common::IdentityOf(provider, late.facts.dossier, late.facts.process, "completed");
    facts.Add(late);
    EXPECT_EQ(facts.WithoutOutcome(kAll).size(), 2U) << "its own identity, and that of no provider";
    facts.Add(topics.MarkerOf(result));
    EXPECT_EQ(Tell(facts, kAll), "published: announced 3:1000, reconciled 3:100, duplicate 3:10");
  }
}

TEST(Timeline, KnowsAReconciledProcessByItsMarkerIfTheResultHasExpired) {
  Topics topics;
  TraceFacts facts;
  const auto result = topics.Reconciled();
  facts.Add(topics.Callback("r-1"));
  facts.Add(topics.MarkerOf(result));
  EXPECT_EQ(Tell(facts, kAll), "published: reconciled 3:0, duplicate 3:10");
}

TEST(Timeline, TreatsAnotherStatusAfterReconciledResultAsNewFact) {
  Topics topics;
  TraceFacts facts;
  const auto result = topics.Reconciled();
  facts.Add(result);
  facts.Add(topics.Callback("r-1", "rejected"));
  facts.Add(topics.MarkerOf(result));
  EXPECT_EQ(Tell(facts, kAll), "unknown: reconciled 3:100, received 3:10");
  EXPECT_EQ(Tell(facts, {}), "waiting: reconciled 3:100, received 3:10");
}

TEST(Timeline, IsPublishedIfTheProcessIsReconciledAfterADeadLetter) {
  Topics topics;
  TraceFacts facts;
  const auto dead = topics.Callback("r-1", "rejected");
  facts.Add(dead);
  facts.Add(topics.LetterOf(dead));
  facts.Add(topics.Reconciled());
  EXPECT_EQ(Tell(facts, kAll), "published: received 3:10, dead 3:100, reconciled 3:101");
}

}  // namespace
}  // namespace ctl
