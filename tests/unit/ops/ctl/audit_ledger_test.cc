#include "ops/ctl/audit/audit_ledger.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "common/callback/record_times.h"

namespace ctl {
namespace {

using common::WallTime;
using namespace std::chrono_literals;
using std::chrono::hours;
using std::chrono::minutes;

/// A full hour, so marker times are rounded up only where a test adds minutes.
constexpr WallTime kNoon{hours(24 * 20'000 + 12)};
constexpr hours kWindow{12};

common::Identity Fact(char name) {
  common::Identity identity;
  identity.bytes.fill(static_cast<std::uint8_t>(name));
  return identity;
}

std::string Describe(const AuditJudgement& judgement) {
  std::string text;
  for (const AuditFinding& finding : judgement.findings) {
    text += std::to_string(finding.offset);
    switch (finding.fault) {
      case AuditFault::kNoMarker:
        text += " has no marker; ";
        break;
      case AuditFault::kNoResult:
        text += " has no result; ";
        break;
      case AuditFault::kUnmarked:
        text += " is unmarked; ";
        break;
      case AuditFault::kSurplus:
        text +=
            " is surplus to " + (finding.first ? std::to_string(*finding.first) : "another") + "; ";
        break;
      case AuditFault::kReconciledToo:
        text += " is reconciled, too; ";
        break;
    }
  }
  const auto count = [&](std::size_t number, const std::string& what) {
    if (number > 0) text += std::to_string(number) + " " + what + ", ";
  };
  count(judgement.disposed_of, "disposed of");
  count(judgement.duplicates, "duplicate");
  count(judgement.ignored, "ignored");
  count(judgement.handed_over, "handed over");
  count(judgement.expired, "expired");
  EXPECT_EQ(judgement.callbacks, judgement.disposed_of + judgement.duplicates + judgement.ignored +
                                     judgement.handed_over + judgement.expired + judgement.missing);
  return text.empty() ? text : text.substr(0, text.size() - 2);
}

/// Builds the ledger of one partition, whose range is the day of kNoon.
class Partition {
 public:
  Partition& Callback(Offset offset, char fact, std::chrono::milliseconds after_noon = 0ms,
                      DeliveryId delivery = 0) {
    return Add({.offset = offset,
                .time = kNoon + after_noon,
                .is = {.identity = Fact(fact), .fact = Fact(fact), .delivery = delivery},
                .window = kWindow});
  }
  /// An event that is a duplicate by `fact` or by its own identity `event`.
  Partition& Event(Offset offset, char fact, char event, std::chrono::milliseconds after_noon = 0ms,
                   std::chrono::seconds event_window = kWindow) {
    return Add({.offset = offset,
                .time = kNoon + after_noon,
                .is = {.identity = Fact(fact), .fact = Fact(fact)},
                .window = kWindow,
                .event = Fact(event),
                .event_window = event_window});
  }
  Partition& Ignored(char fact, std::chrono::milliseconds after_noon = 0ms) {
    ledger_.AddMarker(Fact(fact), kNoon + after_noon, MarkedAs::kIgnored);
    return *this;
  }
  /// A callback from the spool: received, judged and marked `before` earlier than its record time.
  Partition& Spooled(Offset offset, char fact, std::chrono::milliseconds after_noon,
                     std::chrono::milliseconds before) {
    return Add({.offset = offset,
                .time = kNoon + after_noon,
                .is = {.identity = Fact(fact), .fact = Fact(fact)},
                .window = kWindow,
                .judged_before = before,
                .marked_before = std::min<std::chrono::milliseconds>(before, kWindow)});
  }
  /// A callback of `fact` whose header `redrive` gives it the identity `identity`.
  Partition& Redriven(Offset offset, char identity, std::chrono::milliseconds after_noon,
                      Offset stands_for, char fact = 'a', DeliveryId delivery = 0) {
    return Add({.offset = offset,
                .time = kNoon + after_noon,
                .is = {.identity = Fact(identity), .fact = Fact(fact), .delivery = delivery},
                .window = kWindow,
                .stands_for = stands_for});
  }
  Partition& Marker(char fact, std::chrono::milliseconds after_noon = 0ms,
                    MarkedAs outcome = MarkedAs::kUnknown) {
    ledger_.AddMarker(Fact(fact), kNoon + after_noon, outcome);
    return *this;
  }
  /// A result of the callback at the offset, by default a minute after it.
  Partition& Outcome(Offset offset, std::optional<std::chrono::milliseconds> after_noon = {}) {
    const AuditLedger::Callback& callback = callbacks_.at(offset);
    return ResultOf(static_cast<char>(callback.is.fact.bytes[0]), offset,
                    after_noon.value_or(callback.time - kNoon + 1min));
  }
  /// A result that names the offset, whichever callback is there.
  Partition& ResultOf(char fact, Offset offset, std::chrono::milliseconds after_noon = 1min,
                      DeliveryId delivery = 0) {
    ledger_.AddOutcome(
        {.callback = offset, .of = Fact(fact), .delivery = delivery, .at = kNoon + after_noon});
    return *this;
  }
  Partition& LetterOf(std::optional<char> identity, Offset offset, DeliveryId delivery = 0) {
    ledger_.AddOutcome({.callback = offset,
                        .of = identity ? std::optional(Fact(*identity)) : std::nullopt,
                        .is_result = false,
                        .delivery = delivery,
                        .at = kNoon + 1min});
    return *this;
  }
  /// A result without a callback. `marked`: the fact under which it was marked, if another.
  Partition& Reconciled(char fact, std::chrono::milliseconds after_noon, char marked = 0) {
    ledger_.AddReconciled(
        {.of = Fact(fact), .marked = Fact(marked == 0 ? fact : marked), .at = kNoon + after_noon});
    return *this;
  }
  [[nodiscard]] std::string Judged() { return Describe(ledger_.Judge(horizon)); }

  AuditHorizon horizon;

 private:
  Partition& Add(const AuditLedger::Callback& callback) {
    ledger_.Add(callback);
    callbacks_[callback.offset] = callback;
    return *this;
  }

  std::map<Offset, AuditLedger::Callback> callbacks_;
  AuditLedger ledger_{{.from = kNoon - hours(12), .to = kNoon + hours(12)}};
};

TEST(AuditLedger, FindsNothingIfEachFirstDeliveryHasMarkerAndOutcome) {
  EXPECT_EQ(Partition().Judged(), "");
  EXPECT_EQ(Partition()
                .Callback(5, 'a')
                .Callback(6, 'b', 1ms)
                .Callback(9, 'a', 2h)
                .Marker('a')
                .Marker('b', 1ms)
                .Outcome(5)
                .Outcome(6)
                .Judged(),
            "2 disposed of, 1 duplicate");
}

TEST(AuditLedger, ReportsCallbackWithoutMarker) {
  EXPECT_EQ(Partition().Callback(5, 'a').Judged(), "5 has no marker");
  EXPECT_EQ(Partition().Callback(5, 'a').Callback(6, 'b').Marker('b').Outcome(6).Judged(),
            "5 has no marker; 1 disposed of");
}

TEST(AuditLedger, ReportsEachSkippedDelivery) {
  EXPECT_EQ(Partition().Callback(5, 'a').Callback(6, 'a', 1h).Judged(),
            "5 has no marker; 6 has no marker");
}

TEST(AuditLedger, AcceptsEventsWithOneResultForEventAndCallback) {
  EXPECT_EQ(Partition()
                .Event(5, 'a', 'x')
                .Callback(6, 'a', 1h)
                .Event(7, 'a', 'y', 2h)
                .Marker('a')
                .Marker('x')
                .Outcome(5)
                .Judged(),
            "1 disposed of, 2 duplicate");
}

TEST(AuditLedger, JudgesRepeatedEventByItsOwnWindow) {
  EXPECT_EQ(Partition()
                .Event(5, 'a', 'x', -6h)
                .Event(6, 'b', 'x', 11h, kWindow + 24h)
                .Marker('a', -6h)
                .Marker('x', -6h)
                .Outcome(5)
                .Judged(),
            "1 disposed of, 1 duplicate");
  EXPECT_EQ(Partition()
                .Event(5, 'a', 'x', -6h, kWindow + 24h)
                .Event(6, 'a', 'y', 11h, kWindow + 24h)
                .Marker('a', -6h)
                .Marker('x', -6h)
                .Marker('a', 11h)
                .Marker('y', 11h)
                .Outcome(5)
                .Outcome(6)
                .Judged(),
            "2 disposed of")
      << "another event reports the fact again, a window later";
}

TEST(AuditLedger, AcceptsRepeatedEventWithAnotherFact) {
  EXPECT_EQ(Partition()
                .Event(5, 'a', 'x')
                .Event(6, 'b', 'x', 1h)
                .Marker('a')
                .Marker('x')
                .Outcome(5)
                .Judged(),
            "1 disposed of, 1 duplicate");
  EXPECT_EQ(Partition()
                .Event(5, 'a', 'x', -6h)
                .Event(6, 'b', 'x', -5h)
                .Event(7, 'c', 'z', 1h)
                .Event(8, 'd', 'x', 11h)
                .Marker('a', -6h)
                .Marker('x', -6h)
                .Outcome(5)
                .Judged(),
            "7 has no marker; 8 has no marker; 1 disposed of, 1 duplicate")
      << "8 came after the window";
}

TEST(AuditLedger, ExpectsTheOutcomeOfACopiedMarkerElsewhere) {
  const auto copied = [](std::chrono::milliseconds after_noon) {
    return Partition()
        .Callback(5, 'a', 3h)
        .Callback(6, 'a', 4h)
        .Marker('a', after_noon, MarkedAs::kElsewhere);
  };
  EXPECT_EQ(copied(1h).Judged(), "2 duplicate");
  EXPECT_EQ(copied(1h).Marker('a', 3h).Outcome(5).Judged(),
            "5 is surplus to another; 1 disposed of, 1 duplicate");
  EXPECT_EQ(copied(-kWindow).Marker('a', 3h).Outcome(5).Judged(), "1 disposed of, 1 duplicate");
  EXPECT_EQ(copied(-kWindow).Marker('a', 3h).Judged(), "5 has no result; 1 duplicate");
}

TEST(AuditLedger, ExpectsNoOutcomeOfIgnoredEvents) {
  EXPECT_EQ(Partition().Callback(5, 'a').Callback(6, 'a', 1h).Ignored('a').Judged(),
            "1 duplicate, 1 ignored");
  EXPECT_EQ(Partition().Callback(5, 'a').Callback(6, 'a').Ignored('a').Judged(),
            "1 duplicate, 1 ignored");
}

TEST(AuditLedger, AcceptsOutcomeOfLaterDelivery) {
  EXPECT_EQ(Partition().Callback(5, 'a').Callback(6, 'a', 1h).Marker('a', 1h).Outcome(6).Judged(),
            "1 disposed of, 1 duplicate");
}

TEST(AuditLedger, ReportsCallbackOfMarkerWithoutOutcome) {
  EXPECT_EQ(Partition().Callback(5, 'a').Callback(6, 'a', 1h).Marker('a').Judged(),
            "5 has no result; 1 duplicate");
}

TEST(AuditLedger, ReportsOneCallbackIfMarkerBelongsToNone) {
  EXPECT_EQ(Partition().Callback(5, 'a', 1h).Callback(6, 'a', 2h).Marker('a', 30min).Judged(),
            "5 has no result; 1 duplicate");
}

TEST(AuditLedger, ReportsOneOfTwoCallbacksOfTheSameMillisecond) {
  EXPECT_EQ(Partition().Callback(5, 'a').Callback(6, 'a').Marker('a').Judged(),
            "5 has no result; 1 duplicate");
  EXPECT_EQ(Partition().Callback(5, 'a').Callback(6, 'a').Marker('a').Outcome(6).Judged(),
            "1 disposed of, 1 duplicate");
}

TEST(AuditLedger, TreatsDeliveryAfterTheWindowAsNewFact) {
  const auto twice = [](std::chrono::milliseconds apart) {
    return Partition()
        .Callback(5, 'a', -11h)
        .Callback(6, 'a', -11h + apart)
        .Marker('a', -11h)
        .Outcome(5, -11h);
  };
  EXPECT_EQ(twice(12h - 1ms).Judged(), "1 disposed of, 1 duplicate");
  EXPECT_EQ(twice(12h).Judged(), "6 has no marker; 1 disposed of");
  EXPECT_EQ(twice(12h).Marker('a', 1h).Judged(), "6 has no result; 1 disposed of");
  EXPECT_EQ(twice(12h).Marker('a', 1h).Outcome(6, 1h).Judged(), "2 disposed of");
}

TEST(AuditLedger, AllowsForMarkerTimesRoundedUpToTheHour) {
  const auto twice = [](std::chrono::milliseconds apart) {
    return Partition()
        .Callback(5, 'a', -11h - 59min)
        .Callback(6, 'a', -11h - 59min + apart)
        .Marker('a', -11h - 59min)
        .Outcome(5, -11h);
  };
  EXPECT_EQ(twice(12h + 58min).Judged(), "1 disposed of, 1 duplicate") << "the second is dropped";
  EXPECT_EQ(twice(12h + 58min).Marker('a', 59min).Outcome(6, 1h).Judged(), "2 disposed of")
      << "or handled; both are right";
  EXPECT_EQ(twice(12h + 59min).Judged(), "6 has no marker; 1 disposed of");
}

TEST(AuditLedger, AcceptsDuplicateDroppedWhileFirstWasInHand) {
  const auto backlog = [](std::chrono::milliseconds outcome) {
    return Partition()
        .Callback(5, 'a', -11h)
        .Callback(6, 'a', 3h)
        .Marker('a', -11h)
        .Outcome(5, outcome);
  };
  EXPECT_EQ(backlog(3h).Judged(), "1 disposed of, 1 duplicate");
  EXPECT_EQ(backlog(3h - 2min).Judged(), "6 has no marker; 1 disposed of");
}

TEST(AuditLedger, IgnoresMissingOutcomeOfFirstDeliveryBeforeTheRange) {
  EXPECT_EQ(Partition().Callback(6, 'a', -11h).Marker('a', -13h).Judged(), "1 duplicate");
  EXPECT_EQ(Partition().Callback(6, 'a', 11h).Marker('a', 13h).Judged(), "1 duplicate");
}

TEST(AuditLedger, IgnoresCallbacksOutsideTheRange) {
  EXPECT_EQ(Partition()
                .Callback(1, 'a', -12h - 1ms)
                .Callback(2, 'b', -12h)
                .Callback(3, 'c', 12h - 1ms)
                .Callback(4, 'd', 12h)
                .Judged(),
            "2 has no marker; 3 has no marker");
}

TEST(AuditLedger, ReportsSecondOutcomeWithinTheWindow) {
  EXPECT_EQ(Partition().Callback(5, 'a').Marker('a').Outcome(5).Outcome(5).Judged(),
            "5 is surplus to 5; 1 disposed of");
  const auto twice = [](std::chrono::milliseconds apart) {
    return Partition()
        .Callback(5, 'a', -11h)
        .Callback(6, 'a', -11h + apart)
        .Marker('a', -11h)
        .Marker('a', -11h + apart)
        .Outcome(5, -11h)
        .Outcome(6, -11h + apart);
  };
  EXPECT_EQ(twice(12h - 1ms).Judged(), "6 is surplus to 5; 2 disposed of");
  EXPECT_EQ(twice(12h).Judged(), "2 disposed of");
}

TEST(AuditLedger, ReportsOutcomeAfterMarkerFromBeforeTheRange) {
  EXPECT_EQ(Partition().Callback(5, 'a').Marker('a', -13h).Marker('a').Outcome(5).Judged(),
            "1 disposed of")
      << "outside of the window";
  EXPECT_EQ(
      Partition().Callback(5, 'a', -2h).Marker('a', -13h).Marker('a', -2h).Outcome(5).Judged(),
      "5 is surplus to another; 1 disposed of");
}

TEST(AuditLedger, ReportsOutcomeWithoutMarker) {
  EXPECT_EQ(Partition().Callback(5, 'a').Outcome(5).Judged(), "5 is unmarked; 1 disposed of");
}

// Without a marker, the consumer treats the same record as a first delivery.
TEST(AuditLedger, AcceptsSkippedCallbackOnceItsIdentityHasAMarker) {
  EXPECT_EQ(Partition().Callback(5, 'a').Marker('a', 24h * 6).Judged(), "1 duplicate");
  EXPECT_EQ(
      Partition().Callback(5, 'a').Callback(8, 'a', 11h).Marker('a', 11h).Outcome(8, 11h).Judged(),
      "1 disposed of, 1 duplicate");
}

// The consumer would drop the same record as a duplicate, so its replacement has another identity
// and names it.
TEST(AuditLedger, JudgesTheReplacementInsteadOfTheCallback) {
  const auto put_back = [] {
    return Partition().Callback(5, 'a').Redriven(70, 'b', 24h * 6, 5).Marker('a');
  };
  EXPECT_EQ(put_back().Judged(), "70 has no marker; 1 handed over");
  EXPECT_EQ(put_back().Marker('b', 24h * 6).Judged(), "70 has no result; 1 handed over");
  EXPECT_EQ(put_back().Marker('b', 24h * 6).Outcome(70).Judged(), "1 disposed of, 1 handed over");
}

TEST(AuditLedger, FollowsReplacementsOfReplacements) {
  EXPECT_EQ(Partition()
                .Callback(5, 'a')
                .Redriven(70, 'b', 24h * 6, 5)
                .Redriven(71, 'c', 24h * 7, 70)
                .Marker('a')
                .Marker('b', 24h * 6)
                .Marker('c', 24h * 7)
                .Outcome(71)
                .Judged(),
            "1 disposed of, 2 handed over");
}

TEST(AuditLedger, TreatsSecondReplacementAsDuplicate) {
  EXPECT_EQ(Partition()
                .Callback(5, 'a')
                .Redriven(70, 'b', 24h * 6, 5)
                .Redriven(71, 'b', 24h * 6 + 1min, 5)
                .Marker('a')
                .Marker('b', 24h * 6)
                .Outcome(70)
                .Judged(),
            "1 disposed of, 1 duplicate, 1 handed over");
}

TEST(AuditLedger, IgnoresReplacementsOfCallbacksInAnotherRange) {
  EXPECT_EQ(Partition().Callback(5, 'a').Redriven(70, 'b', 24h * 6, 4).Marker('a').Judged(),
            "5 has no result");
}

TEST(AuditLedger, ReportsExpiredInsteadOfMissingIfRecordsMayHaveExpired) {
  Partition unmarked = Partition().Callback(5, 'a').Callback(6, 'b', 1h);
  unmarked.horizon.markers = kNoon + 1min;
  EXPECT_EQ(unmarked.Judged(), "6 has no marker; 1 expired");
  Partition without = Partition().Callback(5, 'a').Callback(6, 'b', 1h).Marker('a').Marker('b', 1h);
  without.horizon.results = kNoon + 1min;
  EXPECT_EQ(without.Judged(), "6 has no result; 1 expired");
  Partition outcome = Partition().Callback(5, 'a').Outcome(5);
  outcome.horizon.markers = kNoon + 1min;
  EXPECT_EQ(outcome.Judged(), "1 disposed of");
}

TEST(AuditLedger, ExpectsTheKindOfOutcomeThatTheMarkerNames) {
  const auto marked = [](MarkedAs as) { return Partition().Callback(5, 'a').Marker('a', 0ms, as); };
  Partition published = marked(MarkedAs::kPublished);
  published.horizon.letters = WallTime::max();
  EXPECT_EQ(published.Judged(), "5 has no result");
  Partition dead = marked(MarkedAs::kDead);
  dead.horizon.results = WallTime::max();
  EXPECT_EQ(dead.Judged(), "5 has no result");
  dead.horizon.letters = WallTime::max();
  EXPECT_EQ(dead.Judged(), "1 expired");
  Partition unknown = marked(MarkedAs::kUnknown);
  unknown.horizon.letters = WallTime::max();
  EXPECT_EQ(unknown.Judged(), "1 expired");
}

TEST(AuditLedger, AttributesOutcomesAroundAMarkerWhoseTimeDiffers) {
  EXPECT_EQ(Partition().Callback(5, 'a').Callback(6, 'a', 1h).Marker('a', 1min).Outcome(5).Judged(),
            "1 disposed of, 1 duplicate");
}

TEST(AuditLedger, IgnoresMarkersWithoutCallbackIfCallbacksHaveExpired) {
  Partition partition = Partition().Callback(6, 'a', 1h).Marker('a', -1h);
  partition.horizon.callbacks = kNoon;
  EXPECT_EQ(partition.Judged(), "1 duplicate");
}

// In an earlier life of the log, another callback may have had the same offset.
TEST(AuditLedger, IgnoresResultOfAnotherFactAtTheSameOffset) {
  EXPECT_EQ(Partition().Callback(5, 'a').ResultOf('b', 5).Judged(), "5 has no marker");
  EXPECT_EQ(Partition().Callback(5, 'a').Marker('a').ResultOf('b', 5).Judged(), "5 has no result");
  EXPECT_EQ(Partition().Callback(5, 'a').LetterOf('b', 5).Judged(), "5 has no marker");
  EXPECT_EQ(Partition().Callback(5, 'a').Marker('a').ResultOf('b', 5).Outcome(5).Judged(),
            "1 disposed of")
      << "nor may it count as one of several";
}

TEST(AuditLedger, IgnoresResultOfAnotherDeliveryAtTheSameOffset) {
  EXPECT_EQ(Partition().Callback(5, 'a', 0ms, 1).ResultOf('a', 5, 1min, 2).Judged(),
            "5 has no marker");
  EXPECT_EQ(Partition().Callback(5, 'a', 0ms, 1).ResultOf('a', 5, 1min, 1).Marker('a').Judged(),
            "1 disposed of");
  EXPECT_EQ(Partition().Callback(5, 'a', 0ms, 1).ResultOf('a', 5).Marker('a').Judged(),
            "1 disposed of")
      << "one of the two names no delivery";
}

TEST(AuditLedger, IgnoresResultOlderThanItsCallback) {
  EXPECT_EQ(Partition().Callback(5, 'a').ResultOf('a', 5, -2min).Judged(), "5 has no marker");
  EXPECT_EQ(Partition().Callback(5, 'a').ResultOf('a', 5, -30s).Judged(),
            "5 is unmarked; 1 disposed of")
      << "clocks may differ slightly";
  EXPECT_EQ(Partition().Callback(5, 'a', 2h).ResultOf('a', 5, 0ms).Marker('a', 2h).Judged(),
            "1 duplicate")
      << "a record from the future, so nothing is missing";
  EXPECT_EQ(Partition()
                .Callback(5, 'a', 11h)
                .Marker('a', -10h)
                .Marker('a', 11h)
                .ResultOf('a', 5, -10h)
                .ResultOf('a', 5, 11h)
                .Judged(),
            "1 disposed of")
      << "the other belongs to an earlier callback at that offset";
}

TEST(AuditLedger, TreatsRedeliveryOfFactFromEarlierLogAsDuplicate) {
  EXPECT_EQ(Partition().Callback(0, 'a', 1h, 2).Marker('a').ResultOf('a', 500, 1min, 1).Judged(),
            "1 duplicate");
  EXPECT_EQ(Partition().Callback(0, 'a', 1h, 2).Marker('a').Judged(), "0 has no result")
      << "only if it has a result";
}

TEST(AuditLedger, ReportsSecondOutcomeOfFactFromEarlierLog) {
  const auto twice = [](std::chrono::milliseconds apart) {
    return Partition()
        .Callback(0, 'a', -11h + apart, 2)
        .Marker('a', -11h)
        .Marker('a', -11h + apart)
        .ResultOf('a', 500, -11h, 1)
        .ResultOf('a', 0, -11h + apart, 2);
  };
  EXPECT_EQ(twice(1h).Judged(), "0 is surplus to another; 1 disposed of");
  EXPECT_EQ(twice(12h).Judged(), "1 disposed of") << "after the window";
}

TEST(AuditLedger, RecognisesDeliveryInACopiedLog) {
  EXPECT_EQ(Partition().Callback(0, 'a', 0ms, 1).Marker('a').ResultOf('a', 500, 1min, 1).Judged(),
            "1 disposed of");
  EXPECT_EQ(Partition()
                .Callback(0, 'a', 0ms, 1)
                .Callback(1, 'a', 1s, 1)
                .Marker('a')
                .ResultOf('a', 500, 1min, 1)
                .Judged(),
            "1 disposed of, 1 duplicate")
      << "a copied delivery has no result of its own";
}

TEST(AuditLedger, AttributesOutcomeToTheLatestMarkerBeforeIt) {
  EXPECT_EQ(
      Partition().Callback(5, 'a').Marker('a').Marker('a', 13h).ResultOf('a', 70, 13h).Judged(),
      "5 has no result")
      << "its callback is after the range";
}

TEST(AuditLedger, LinksRedriveToItsOriginalOnlyIfFactAndDeliveryMatch) {
  EXPECT_EQ(Partition().Callback(5, 'a').Redriven(70, 'b', 1h, 5, 'x').Marker('a').Judged(),
            "5 has no result; 70 has no marker")
      << "a redrive of another callback at that offset";
  EXPECT_EQ(
      Partition().Callback(5, 'a', 0ms, 1).Redriven(70, 'b', 1h, 5, 'a', 2).Marker('a').Judged(),
      "5 has no result; 70 has no marker");
  EXPECT_EQ(Partition()
                .Callback(5, 'a', 0ms, 1)
                .Redriven(70, 'b', 1h, 5, 'a', 1)
                .Marker('a')
                .Marker('b', 1h)
                .ResultOf('a', 70, 2h, 1)
                .Judged(),
            "1 disposed of, 1 handed over");
}

TEST(AuditLedger, MatchesDeadLetterByIdentityOrByDeliveryIfItHasNoBody) {
  EXPECT_EQ(Partition().Callback(5, 'a').Marker('a').LetterOf('a', 5).Judged(), "1 disposed of");
  EXPECT_EQ(Partition().Callback(5, 'a', 0ms, 1).Marker('a').LetterOf({}, 5, 1).Judged(),
            "1 disposed of");
  EXPECT_EQ(Partition().Callback(5, 'a', 0ms, 1).Marker('a').LetterOf({}, 5, 2).Judged(),
            "5 has no result");
  EXPECT_EQ(Partition().Callback(5, 'a').Marker('a').LetterOf({}, 5).Judged(), "1 disposed of")
      << "only its place identifies it";
}

TEST(AuditLedger, TreatsLateCopyFromTheSpoolAsDuplicate) {
  EXPECT_EQ(Partition()
                .Callback(5, 'a', -11h)
                .Spooled(6, 'a', 10h, 21h)
                .Marker('a', -11h)
                .Outcome(5)
                .Judged(),
            "1 disposed of, 1 duplicate");
  EXPECT_EQ(Partition()
                .Callback(5, 'a', -11h)
                .Spooled(6, 'a', 10h, 21h)
                .Marker('a', -11h)
                .Marker('a', -2h)
                .Outcome(5)
                .Outcome(6)
                .Judged(),
            "6 is surplus to 5; 2 disposed of")
      << "a second result of the same delivery";
}

TEST(AuditLedger, ExpectsMarkerOfSpooledCallbackAtItsReceiptTime) {
  EXPECT_EQ(Partition().Spooled(5, 'a', 3h, 4h).Marker('a', -1h).Outcome(5).Judged(),
            "1 disposed of");
  EXPECT_EQ(Partition().Spooled(5, 'a', 3h, 4h).Marker('a', -1h).Judged(), "5 has no result");
  EXPECT_EQ(Partition().Spooled(5, 'a', -11h, 9h).Marker('a', -20h).Outcome(5).Judged(),
            "1 disposed of")
      << "its own marker is from before the range";
  EXPECT_EQ(Partition().Spooled(5, 'a', -11h, 9h).Judged(), "5 has no marker");
}

TEST(AuditLedger, FlagsRepeatedCallbacksWithoutMarker) {
  AuditLedger ledger({.from = kNoon - hours(12), .to = kNoon + hours(12)});
  for (const auto& [offset, fact] : {std::pair(5, 'a'), std::pair(6, 'b'), std::pair(7, 'a')}) {
    ledger.Add({.offset = offset,
                .time = kNoon,
                .is = {.identity = Fact(fact), .fact = Fact(fact)},
                .window = kWindow});
  }
  std::string again;
  for (const AuditFinding& finding : ledger.Judge({}).findings) {
    again += std::to_string(finding.offset) + (finding.stands_again ? " again; " : "; ");
  }
  EXPECT_EQ(again, "5 again; 6; 7 again; ");
}

/// The callbacks of a partition and which of them the consumer handles as first deliveries, if it
/// handles them in order and immediately.
struct Handled {
  std::vector<AuditLedger::Callback> callbacks;
  std::vector<std::size_t> firsts;  ///< Indices of the callbacks that are no duplicates.
};

/// Some callbacks are spooled, and some were received long before their record time.
common::RecordTimes TimesAtRandom(std::mt19937& random, WallTime time,
                                  std::chrono::seconds window) {
  common::CallbackFacts facts;
  facts.is_spooled = random() % 3 == 0;
  if (random() % 2 == 0) {
    facts.received_at = time - std::chrono::milliseconds(random() % 36'000'000);
  }
  return common::TimesOf(facts, time, window, hours(48));
}

Handled HandleAtRandom(std::mt19937& random) {
  Handled handled;
  WallTime time = kNoon - hours(12);
  std::vector<std::optional<WallTime>> markers(8);
  for (Offset offset = 0; offset < 40; ++offset) {
    time += std::chrono::milliseconds(random() % 3'000'000);
    if (time >= kNoon + hours(12)) break;
    const auto fact = static_cast<std::size_t>(random() % markers.size());
    const std::chrono::seconds window = minutes(30 + 60 * static_cast<int>(fact));
    const common::Identity is = Fact(static_cast<char>('a' + fact));
    const common::RecordTimes times = TimesAtRandom(random, time, window);
    handled.callbacks.push_back({.offset = offset,
                                 .time = time,
                                 .is = {.identity = is, .fact = is},
                                 .window = window,
                                 .judged_before = time - times.judged_at,
                                 .marked_before = time - times.marked_at});
    if (markers[fact] && times.judged_at - std::chrono::ceil<hours>(*markers[fact]) < window) {
      continue;
    }
    markers[fact] = times.marked_at;
    handled.firsts.push_back(handled.callbacks.size() - 1);
  }
  return handled;
}

/// Judges all records except the marker or the outcome of one first delivery.
AuditJudgement JudgeWithout(const Handled& handled, std::optional<std::size_t> no_marker,
                            std::optional<std::size_t> no_outcome) {
  AuditLedger ledger({.from = kNoon - hours(12), .to = kNoon + hours(12)});
  for (const auto& callback : handled.callbacks) ledger.Add(callback);
  for (const std::size_t first : handled.firsts) {
    const auto& callback = handled.callbacks[first];
    if (first != no_marker)
      ledger.AddMarker(callback.is.identity, callback.time - callback.marked_before);
    if (first != no_outcome) {
      ledger.AddOutcome({.callback = callback.offset, .of = callback.is.fact, .at = callback.time});
    }
  }
  return ledger.Judge({});
}

/// Judges two lives of a log, each starting at offset 0. The callbacks of the first life are gone;
/// markers and outcomes of both remain.
AuditJudgement JudgeSecondLife(const Handled& handled, std::size_t second, bool has_deliveries,
                               std::optional<std::size_t> no_outcome) {
  AuditLedger ledger({.from = kNoon - hours(12), .to = kNoon + hours(12)});
  const auto offset_of = [&](std::size_t place) {
    return static_cast<Offset>(place < second ? place : place - second);
  };
  const auto delivery_of = [&](std::size_t place) -> DeliveryId {
    return has_deliveries ? place + 1 : 0;
  };
  for (std::size_t place = second; place < handled.callbacks.size(); ++place) {
    AuditLedger::Callback callback = handled.callbacks[place];
    callback.offset = offset_of(place);
    callback.is.delivery = delivery_of(place);
    ledger.Add(callback);
  }
  for (const std::size_t first : handled.firsts) {
    const auto& callback = handled.callbacks[first];
    ledger.AddMarker(callback.is.identity, callback.time - callback.marked_before);
    if (first == no_outcome) continue;
    ledger.AddOutcome({.callback = offset_of(first),
                       .of = callback.is.fact,
                       .delivery = delivery_of(first),
                       .at = callback.time});
  }
  return ledger.Judge({});
}

TEST(AuditLedger, FindsExactlyTheHolesOfASecondLog) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  for (int run = 0; run < 600; ++run) {
    const Handled handled = HandleAtRandom(random);
    const std::size_t second = random() % handled.callbacks.size();
    const bool has_deliveries = run % 2 == 0;
    const AuditJudgement whole = JudgeSecondLife(handled, second, has_deliveries, {});
    ASSERT_TRUE(whole.findings.empty()) << Describe(whole);
    std::vector<std::size_t> firsts;
    for (const std::size_t first : handled.firsts) {
      if (first >= second) firsts.push_back(first);
    }
    if (firsts.empty()) continue;
    const std::size_t cut = firsts[random() % firsts.size()];
    const AuditJudgement holed = JudgeSecondLife(handled, second, has_deliveries, cut);
    ASSERT_EQ(holed.findings.size(), 1U) << Describe(holed);
    ASSERT_EQ(holed.findings[0],
              (AuditFinding{AuditFault::kNoResult, static_cast<Offset>(cut - second), {}}));
  }
}

TEST(AuditLedger, FindsExactlyTheHolesCutIntoHandledRecords) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  for (int run = 0; run < 300; ++run) {
    const Handled handled = HandleAtRandom(random);
    if (handled.firsts.empty()) continue;
    const AuditJudgement whole = JudgeWithout(handled, {}, {});
    ASSERT_TRUE(whole.findings.empty()) << Describe(whole);
    ASSERT_EQ(whole.disposed_of, handled.firsts.size());
    ASSERT_EQ(whole.duplicates, handled.callbacks.size() - handled.firsts.size());

    const std::size_t cut = handled.firsts[random() % handled.firsts.size()];
    const Offset offset = handled.callbacks[cut].offset;
    const AuditJudgement no_result = JudgeWithout(handled, {}, cut);
    ASSERT_EQ(no_result.findings.size(), 1U) << Describe(no_result);
    ASSERT_EQ(no_result.findings[0], (AuditFinding{AuditFault::kNoResult, offset, {}}));
    const AuditJudgement neither = JudgeWithout(handled, cut, cut);
    // The marker of a later first delivery covers the cut one, too.
    const bool is_followed =
        std::any_of(handled.firsts.begin(), handled.firsts.end(), [&](std::size_t other) {
          return other > cut &&
                 handled.callbacks[other].is.identity == handled.callbacks[cut].is.identity;
        });
    ASSERT_EQ(neither.findings.empty(), is_followed) << Describe(neither);
  }
}

// ---- Results without a callback: issue 18

TEST(AuditLedger, AcceptsACallbackThatComesAfterItsProcessWasReconciled) {
  EXPECT_EQ(Partition().Callback(5, 'a', 10min).Reconciled('a', 1ms).Marker('a', 0ms).Judged(),
            "1 duplicate");
  EXPECT_EQ(Partition().Reconciled('a', 1ms).Marker('a', 0ms).Judged(), "") << "or never";
}

TEST(AuditLedger, AcceptsALateCallbackOfAnotherProvider) {
  EXPECT_EQ(Partition().Callback(5, 'b', 10min).Reconciled('b', 1ms, '/').Marker('/', 0ms).Judged(),
            "1 duplicate");
  EXPECT_EQ(Partition().Callback(5, 'b', 10min).Marker('/', 0ms).Judged(), "5 has no marker")
      << "only a result tells for which callbacks the marker stands";
}

TEST(AuditLedger, ReportsALateCallbackWhoseReconciledResultIsMissing) {
  EXPECT_EQ(Partition().Callback(5, 'a', 10min).Marker('a', 0ms, MarkedAs::kPublished).Judged(),
            "5 has no result");
}

TEST(AuditLedger, ReportsACallbackThatGotAResultAlthoughItsProcessWasReconciled) {
  EXPECT_EQ(Partition()
                .Callback(5, 'a', 10min)
                .Reconciled('a', 1ms)
                .Marker('a', 0ms)
                .Marker('a', 10min)
                .Outcome(5)
                .Judged(),
            "5 is surplus to another; 1 disposed of");
}

TEST(AuditLedger, ReportsAProcessThatWasReconciledAlthoughItsCallbackWasHandled) {
  const auto handled = [] { return Partition().Callback(5, 'a').Marker('a').Outcome(5); };
  EXPECT_EQ(handled().Reconciled('a', 2h).Marker('a', 2h).Judged(),
            "5 is reconciled, too; 1 disposed of");
  EXPECT_EQ(handled().Reconciled('a', kWindow + 1h).Marker('a', kWindow + 1h).Judged(),
            "1 disposed of")
      << "after the window it is a new fact";
}

}  // namespace
}  // namespace ctl
