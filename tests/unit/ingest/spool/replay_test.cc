#include "ingest/spool/replay.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <set>
#include <string>
#include <vector>

#include "tests/unit/ingest/spool/replay_world.h"

namespace ingest {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

class ReplayTest : public ::testing::Test {
 protected:
  static Replay::TimePoint At(int ms) { return Replay::TimePoint(milliseconds(10'000 + ms)); }

  /// Rows "1:a" of sequence and key.
  void Hold(const std::vector<std::string>& keys) {
    for (const std::string& key : keys) source.Hold(key);
  }

  /// What is offered, as often as there is something to offer without any time passing.
  std::vector<std::string> Turn(int now_ms) {
    while (replay.next_turn() <= At(now_ms)) {
      if (const auto turned = replay.TakeTurn(At(now_ms)); !turned) break;
    }
    return kafka.TakeOffered();
  }
  /// A partition that has stored something is offered many at a time.
  void LetFlow() {
    source.Hold("first");
    Turn(-1);
    Report(std::to_string(source.last) + ":first", StorageOutcome::kStored, -1);
    RemoveStored();
  }

  void Report(const std::string& body, StorageOutcome outcome, int now_ms,
              bool is_of_batch = false) {
    const StorageReport report{.number = kafka.numbers.at(body),
                               .outcome = outcome,
                               .reason = "MSG_SIZE_TOO_LARGE",
                               .is_of_batch = is_of_batch};
    replay.OnReports({&report, 1}, At(now_ms));
  }
  void Store(const std::vector<std::string>& bodies, int now_ms) {
    for (const std::string& body : bodies) Report(body, StorageOutcome::kStored, now_ms);
  }

  /// "stored 2" and "refused 3: why".
  std::vector<std::string> Outcomes() {
    std::vector<std::string> texts;
    auto outcomes = replay.TakeOutcomes();
    for (const auto& done : outcomes.stored) {
      texts.push_back("stored " + std::to_string(done.sequence));
    }
    for (const auto& refused : outcomes.refused) {
      texts.push_back("refused " + std::to_string(refused.callback.sequence) + ": " +
                      refused.reason);
    }
    return texts;
  }
  void RemoveStored() {
    for (const auto& done : replay.TakeOutcomes().stored) {
      source.rows.erase(done.sequence);
      replay.Removed({&done.sequence, 1});
    }
  }

  FakeSource source;
  FakeKafka kafka;
  int partitions = 1;
  Replay replay{kafka, [this] { return partitions; }, source};
};

TEST_F(ReplayTest, OffersOneOfAPartitionFirstAndManyOnceItIsStored) {
  Hold({"a", "b", "c"});
  EXPECT_THAT(Turn(0), ElementsAre("1:a"));
  Store({"1:a"}, 5);
  EXPECT_THAT(Turn(5), ElementsAre("2:b", "3:c"));
  Store({"3:c", "2:b"}, 10);
  EXPECT_THAT(Outcomes(), ElementsAre("stored 1", "stored 3", "stored 2"));
}

TEST_F(ReplayTest, OffersNoCallbackBeforeTheEarlierOneOfItsKeyIsStored) {
  LetFlow();
  Hold({"a", "b", "a", "c"});
  EXPECT_THAT(Turn(0), ElementsAre("2:a", "3:b", "5:c"));
  Store({"3:b", "5:c"}, 5);
  EXPECT_THAT(Turn(5), IsEmpty()) << "4:a waits for 2:a";
  Store({"2:a"}, 10);
  EXPECT_THAT(Turn(10), ElementsAre("4:a"));
}

TEST_F(ReplayTest, OffersNoCallbackBeforeAFailedOneOfItsKey) {
  LetFlow();
  Hold({"a", "b", "a"});
  EXPECT_THAT(Turn(0), ElementsAre("2:a", "3:b"));
  Store({"3:b"}, 5);
  Report("2:a", StorageOutcome::kUnavailable, 5);
  EXPECT_THAT(Turn(900), IsEmpty()) << "4:a waits for 2:a, which has its own time to wait";
  EXPECT_THAT(Turn(1100), ElementsAre("2:a"));
  Store({"2:a"}, 1105);
  EXPECT_THAT(Turn(1105), ElementsAre("4:a"));
}

TEST_F(ReplayTest, GoesOnBehindWhatIsRefusedAtOnce) {
  Hold({"poison", "a", "poison", "b"});
  kafka.refused_at_once = {"1:poison", "3:poison"};
  std::vector<std::string> arrived;
  for (int now = 0; now < 1000; now += 10) {
    for (const std::string& body : Turn(now)) {
      arrived.push_back(body);
      Report(body, StorageOutcome::kStored, now);
    }
  }
  EXPECT_THAT(arrived, ElementsAre("2:a", "4:b"));
  EXPECT_THAT(Outcomes(), UnorderedElementsAre(
                              "stored 2", "stored 4",
                              "refused 1: refused by the client: larger than message.max.bytes",
                              "refused 3: refused by the client: larger than message.max.bytes"));
}

TEST_F(ReplayTest, GoesOnBehindWhatTheBrokerRefuses) {
  Hold({"poison", "a"});
  Turn(0);
  Report("1:poison", StorageOutcome::kRefused, 5);
  EXPECT_THAT(Outcomes(), ElementsAre("refused 1: MSG_SIZE_TOO_LARGE"));
  EXPECT_THAT(Turn(600), ElementsAre("2:a"));
}

TEST_F(ReplayTest, OffersARecordOfARefusedBatchByItselfBeforeItIsTakenForRefused) {
  LetFlow();
  Hold({"a", "poison", "b"});
  EXPECT_THAT(Turn(0), ElementsAre("2:a", "3:poison", "4:b"));
  for (const char* body : {"2:a", "3:poison", "4:b"}) {
    Report(body, StorageOutcome::kRefused, 5, true);
  }
  EXPECT_THAT(Outcomes(), IsEmpty()) << "one of three is at fault";
  EXPECT_THAT(Turn(5), ElementsAre("2:a"));
  Store({"2:a"}, 10);
  EXPECT_THAT(Turn(10), ElementsAre("3:poison"));
  Report("3:poison", StorageOutcome::kRefused, 15, true);
  EXPECT_THAT(Turn(15), ElementsAre("4:b"));
  Store({"4:b"}, 20);
  EXPECT_THAT(Outcomes(),
              UnorderedElementsAre("stored 2", "stored 4", "refused 3: MSG_SIZE_TOO_LARGE"));
}

TEST_F(ReplayTest, OffersOthersWhileAPartitionDoesNotAnswer) {
  partitions = 3;
  const std::string dead = KeyOf(0, 3);
  for (int i = 0; i < 500; ++i) source.Hold(dead + std::string(), 10);
  for (int i = 0; i < 20; ++i) source.Hold(KeyOf(1, 3, i));
  std::set<std::string> stored;
  for (int now = 0; now < 1000 && stored.size() < 20; now += 10) {
    for (const std::string& body : Turn(now)) {
      if (body.ends_with(":" + dead)) continue;
      stored.insert(body);
      Report(body, StorageOutcome::kStored, now);
    }
  }
  EXPECT_EQ(stored.size(), 20U);
}

TEST_F(ReplayTest, ProbesAFailingPartitionEachTimeWithAnotherCallback) {
  Hold({"a", "b"});
  EXPECT_THAT(Turn(0), ElementsAre("1:a"));
  Report("1:a", StorageOutcome::kUnavailable, 6000);
  EXPECT_THAT(Turn(6100), IsEmpty());
  EXPECT_THAT(Turn(6600), ElementsAre("2:b"));
  Report("2:b", StorageOutcome::kUnavailable, 12'600);
  EXPECT_THAT(Turn(13'200), IsEmpty()) << "it waits longer each time";
  EXPECT_THAT(Turn(13'700), ElementsAre("1:a"));
}

TEST_F(ReplayTest, OffersEverythingSoonAfterADeadPartitionIsBack) {
  for (int i = 0; i < 50; ++i) source.Hold("k" + std::to_string(i));
  int now = 0;
  for (; now < 3'600'000; now += 500) {
    for (const std::string& body : Turn(now)) Report(body, StorageOutcome::kUnavailable, now);
  }
  const int back_at = now;
  std::set<std::string> stored;
  for (; stored.size() < 50 && now < back_at + 60'000; now += 50) {
    for (const std::string& body : Turn(now)) {
      stored.insert(body);
      Report(body, StorageOutcome::kStored, now);
    }
  }
  EXPECT_EQ(stored.size(), 50U);
  EXPECT_LT(now - back_at, 5'000);
}

TEST_F(ReplayTest, TakesForRefusedWhatFailsAgainAndAgainWhileOthersAreStored) {
  LetFlow();
  source.Hold("poison");
  std::vector<std::string> refused;
  for (int now = 0; now < 3'600'000 && refused.empty(); now += 500) {
    source.Hold("k" + std::to_string(now));
    for (const std::string& body : Turn(now)) {
      const bool is_poison = body.ends_with("poison");
      if (!is_poison) Report(body, StorageOutcome::kStored, now + 1);
    }
    if (kafka.numbers.contains("2:poison")) {
      Report("2:poison", StorageOutcome::kUnavailable, now + 2);
    }
    for (const auto& one : replay.TakeOutcomes().refused) refused.push_back(one.reason);
  }
  EXPECT_THAT(refused,
              ElementsAre("failed again and again while others of its partition were stored"));
}

TEST_F(ReplayTest, RestsASecondWhileKafkaIsAway) {
  Hold({"a", "b"});
  kafka.is_away = true;
  EXPECT_THAT(Turn(0), IsEmpty());
  EXPECT_EQ(kafka.offers, 1U);
  EXPECT_TRUE(replay.TakeOutcomes().is_away);
  EXPECT_EQ(replay.next_turn(), At(1000));
  kafka.is_away = false;
  EXPECT_THAT(Turn(1000), ElementsAre("1:a")) << "it was not about that one";
}

TEST_F(ReplayTest, GoesOnWithTheRestOnceThereIsRoomAgain) {
  LetFlow();
  Hold({"a", "b", "c"});
  kafka.room = 2;
  EXPECT_THAT(Turn(0), ElementsAre("2:a", "3:b"));
  kafka.room = 10;
  EXPECT_THAT(Turn(30), ElementsAre("4:c"));
}

TEST_F(ReplayTest, TakesACallbackForFailedWhoseReportDoesNotCome) {
  Hold({"a"});
  Turn(0);
  const CallbackNumber late = kafka.numbers.at("1:a");
  EXPECT_THAT(Turn(19'900), IsEmpty());
  Turn(20'000);
  EXPECT_THAT(Turn(20'600), ElementsAre("1:a"));
  const StorageReport report{.number = late, .outcome = StorageOutcome::kStored};
  replay.OnReports({&report, 1}, At(20'700));
  EXPECT_THAT(Outcomes(), IsEmpty()) << "a report of the first time says nothing of the second";
}

TEST_F(ReplayTest, OffersNothingTwiceThatIsStoredAndNotYetRemoved) {
  LetFlow();
  Hold({"a", "b"});
  Store(Turn(0), 5);
  partitions = 3;  // The plan begins anew.
  EXPECT_THAT(Turn(200), IsEmpty());
  Hold({"c"});
  EXPECT_THAT(Turn(400), ElementsAre("4:c"));
}

TEST_F(ReplayTest, CountsTheFirstReportOfACallbackOnly) {
  Hold({"a"});
  Turn(0);
  Report("1:a", StorageOutcome::kStored, 5);
  Report("1:a", StorageOutcome::kUnavailable, 6);
  EXPECT_THAT(Outcomes(), ElementsAre("stored 1"));
}

TEST_F(ReplayTest, FindsWhatComesLater) {
  LetFlow();
  Hold({"a"});
  Store(Turn(0), 5);
  Hold({"b"});
  EXPECT_THAT(Turn(200), ElementsAre("3:b"));
}

TEST_F(ReplayTest, TriesAgainWhereReadingFails) {
  Hold({"a"});
  source.is_scannable = false;
  EXPECT_FALSE(replay.TakeTurn(At(0)));
  EXPECT_EQ(replay.next_turn(), At(1000));
  source.is_scannable = true;
  EXPECT_THAT(Turn(1000), ElementsAre("1:a"));
}

TEST_F(ReplayTest, OffersWhatIsBehindACallbackThatCannotBeRead) {
  partitions = 3;
  const std::string a = KeyOf(0, 3);
  const std::string b = KeyOf(1, 3);
  const std::string c = KeyOf(0, 3, 1);
  Hold({a, b, a, c});
  source.unreadable = {1};
  std::set<std::string> stored;
  std::vector<std::string> errors;
  for (int now = 0; now < 10'000; now += 10) {
    while (replay.next_turn() <= At(now)) {
      const auto turned = replay.TakeTurn(At(now));
      if (!turned) errors.push_back(turned.error().detail);
    }
    for (const std::string& body : kafka.TakeOffered()) {
      stored.insert(body);
      Report(body, StorageOutcome::kStored, now);
    }
  }
  EXPECT_THAT(stored, UnorderedElementsAre("2:" + b, "4:" + c)) << "3 waits for 1, of its key";
  EXPECT_THAT(errors, ElementsAre("read 1", "read 1", "read 1", "read 1"))
      << "it waits longer each time";
  source.unreadable.clear();
  EXPECT_THAT(Turn(20'000), ElementsAre("1:" + a));
}

TEST_F(ReplayTest, OffersAnotherOneWhereTheProbeCannotBeRead) {
  Hold({"a", "b"});
  source.unreadable = {1};
  Turn(0);
  EXPECT_THAT(Turn(1000), ElementsAre("2:b"));
}

TEST_F(ReplayTest, OffersTheOthersWhereOneThatMustGoAloneCannotBeRead) {
  LetFlow();
  Hold({"a", "b"});
  Turn(0);
  source.unreadable = {2};
  for (const char* body : {"2:a", "3:b"}) Report(body, StorageOutcome::kRefused, 5, true);
  Turn(5);
  EXPECT_THAT(Turn(1005), ElementsAre("3:b"));
}

TEST_F(ReplayTest, OffersWhatIsKnownWhileAScanFails) {
  LetFlow();
  Hold({"a", "b", "a", "b"});
  EXPECT_THAT(Turn(0), ElementsAre("2:a", "3:b"));
  Hold({"c"});
  source.is_scannable = false;
  Store({"2:a", "3:b"}, 5);
  const auto turned = replay.TakeTurn(At(5));
  ASSERT_FALSE(turned);
  EXPECT_EQ(turned.error().detail, "scan");
  EXPECT_THAT(kafka.TakeOffered(), ElementsAre("4:a", "5:b"));
  EXPECT_EQ(replay.next_turn(), At(1005));
  source.is_scannable = true;
  EXPECT_THAT(Turn(1005), ElementsAre("6:c"));
}

TEST_F(ReplayTest, TellsOnceInARoundOfWhatCannotBeRead) {
  LetFlow();
  Hold({"a", "b", "c", "d"});
  source.unreadable = {2, 4};
  const auto turned = replay.TakeTurn(At(0));
  ASSERT_FALSE(turned);
  EXPECT_EQ(turned.error().detail, "read 2");
  EXPECT_THAT(kafka.TakeOffered(), ElementsAre("3:b", "5:d"));
}

TEST_F(ReplayTest, EndsTheRoundWhenTheFileIsClosed) {
  LetFlow();
  Hold({"a", "b", "c"});
  kafka.is_away = true;
  Turn(0);
  kafka.is_away = false;
  source.is_open = false;
  const std::size_t reads = source.reads;
  EXPECT_THAT(Turn(1000), IsEmpty());
  EXPECT_LE(source.reads, reads + 1);
  source.is_open = true;
  EXPECT_THAT(Turn(2000), ElementsAre("2:a", "3:b", "4:c")) << "none of them has its own trouble";
}

TEST_F(ReplayTest, LeavesOutWhatIsNoLongerThere) {
  Hold({"a", "b", "c"});
  EXPECT_THAT(Turn(0), ElementsAre("1:a"));
  source.rows.erase(2);
  Store({"1:a"}, 5);
  EXPECT_THAT(Turn(5), ElementsAre("3:c"));
}

TEST_F(ReplayTest, GivesNumbersThatNoInFlightGives) {
  LetFlow();
  Hold({"a", "b"});
  Turn(0);
  for (const auto& [body, number] : kafka.numbers) EXPECT_TRUE(IsOfReplay(number)) << body;
}

TEST_F(ReplayTest, ScansEachRowAboutOnce) {
  partitions = 12;
  constexpr int kRows = 60'000;
  for (int i = 0; i < kRows; ++i) source.Hold("key " + std::to_string(i));
  int now = 0;
  for (; !source.rows.empty() && now < 600'000; now += 5) {
    for (const std::string& body : Turn(now)) Report(body, StorageOutcome::kStored, now);
    RemoveStored();
  }
  EXPECT_TRUE(source.rows.empty());
  EXPECT_LT(source.scanned, 4U * kRows);
}

}  // namespace
}  // namespace ingest
