#include "ingest/spool/replay.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <set>
#include <string>
#include <vector>

#include "tests/unit/ingest/spool/replay_fixture.h"

namespace ingest {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

TEST_F(ReplayTest, OffersManyOfAPartitionOnceItsFirstIsStored) {
  Hold({"a", "b", "c"});
  EXPECT_THAT(Turn(0), ElementsAre("1:a"));
  Store({"1:a"}, 5);
  EXPECT_THAT(Turn(5), ElementsAre("2:b", "3:c"));
  Store({"3:c", "2:b"}, 10);
  EXPECT_THAT(Outcomes(), ElementsAre("stored 1", "stored 3", "stored 2"));
}

TEST_F(ReplayTest, OffersACallbackOnlyOnceTheEarlierOneOfItsKeyIsStored) {
  LetFlow();
  Hold({"a", "b", "a", "c"});
  EXPECT_THAT(Turn(0), ElementsAre("2:a", "3:b", "5:c"));
  Store({"3:b", "5:c"}, 5);
  EXPECT_THAT(Turn(5), IsEmpty()) << "4:a waits for 2:a";
  Store({"2:a"}, 10);
  EXPECT_THAT(Turn(10), ElementsAre("4:a"));
}

TEST_F(ReplayTest, OffersNoCallbackBeforeAnEarlierFailedOneOfItsKey) {
  LetFlow();
  Hold({"a", "b", "a"});
  EXPECT_THAT(Turn(0), ElementsAre("2:a", "3:b"));
  Store({"3:b"}, 5);
  Report("2:a", StorageOutcome::kUnavailable, 5);
  EXPECT_THAT(Turn(900), IsEmpty()) << "4:a waits for 2:a, which must wait before its retry";
  EXPECT_THAT(Turn(1100), ElementsAre("2:a"));
  Store({"2:a"}, 1105);
  EXPECT_THAT(Turn(1105), ElementsAre("4:a"));
}

TEST_F(ReplayTest, SkipsCallbacksThatTheClientRefuses) {
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

TEST_F(ReplayTest, SkipsCallbacksThatTheBrokerRefuses) {
  Hold({"poison", "a"});
  Turn(0);
  Report("1:poison", StorageOutcome::kRefused, 5);
  EXPECT_THAT(Outcomes(), ElementsAre("refused 1: MSG_SIZE_TOO_LARGE"));
  EXPECT_THAT(Turn(600), ElementsAre("2:a"));
}

TEST_F(ReplayTest, OffersEachRecordOfARefusedBatchAloneBeforeRefusingIt) {
  LetFlow();
  Hold({"a", "poison", "b"});
  EXPECT_THAT(Turn(0), ElementsAre("2:a", "3:poison", "4:b"));
  for (const char* body : {"2:a", "3:poison", "4:b"}) {
    Report(body, StorageOutcome::kRefused, 5, true);
  }
  EXPECT_THAT(Outcomes(), IsEmpty()) << "only one of three is at fault";
  EXPECT_THAT(Turn(5), ElementsAre("2:a"));
  Store({"2:a"}, 10);
  EXPECT_THAT(Turn(10), ElementsAre("3:poison"));
  Report("3:poison", StorageOutcome::kRefused, 15, true);
  EXPECT_THAT(Turn(15), ElementsAre("4:b"));
  Store({"4:b"}, 20);
  EXPECT_THAT(Outcomes(),
              UnorderedElementsAre("stored 2", "stored 4", "refused 3: MSG_SIZE_TOO_LARGE"));
}

TEST_F(ReplayTest, OffersOtherPartitionsWhileOneDoesNotAnswer) {
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

TEST_F(ReplayTest, ProbesAFailingPartitionWithAnotherCallbackEachTime) {
  Hold({"a", "b"});
  EXPECT_THAT(Turn(0), ElementsAre("1:a"));
  Report("1:a", StorageOutcome::kUnavailable, 6000);
  EXPECT_THAT(Turn(6100), IsEmpty());
  EXPECT_THAT(Turn(6600), ElementsAre("2:b"));
  Report("2:b", StorageOutcome::kUnavailable, 12'600);
  EXPECT_THAT(Turn(13'200), IsEmpty()) << "each wait must be longer";
  EXPECT_THAT(Turn(13'700), ElementsAre("1:a"));
}

TEST_F(ReplayTest, OffersAllCallbacksSoonAfterADeadPartitionIsBack) {
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

TEST_F(ReplayTest, RefusesACallbackThatKeepsFailingWhileOthersAreStored) {
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

TEST_F(ReplayTest, PausesForASecondWhileKafkaIsUnavailable) {
  Hold({"a", "b"});
  kafka.is_away = true;
  EXPECT_THAT(Turn(0), IsEmpty());
  EXPECT_EQ(kafka.offers, 1U);
  EXPECT_TRUE(replay.TakeOutcomes().is_away);
  EXPECT_EQ(replay.next_turn(), At(1000));
  kafka.is_away = false;
  EXPECT_THAT(Turn(1000), ElementsAre("1:a")) << "the callback itself did not fail";
}

TEST_F(ReplayTest, OffersTheRestOnceThereIsRoom) {
  LetFlow();
  Hold({"a", "b", "c"});
  kafka.room = 2;
  EXPECT_THAT(Turn(0), ElementsAre("2:a", "3:b"));
  kafka.room = 10;
  EXPECT_THAT(Turn(30), ElementsAre("4:c"));
}

TEST_F(ReplayTest, TreatsAMissingReportAsAFailure) {
  Hold({"a"});
  Turn(0);
  const CallbackNumber late = kafka.numbers.at("1:a");
  EXPECT_THAT(Turn(19'900), IsEmpty());
  Turn(20'000);
  EXPECT_THAT(Turn(20'600), ElementsAre("1:a"));
  const StorageReport report{.number = late, .outcome = StorageOutcome::kStored};
  replay.OnReports({&report, 1}, At(20'700));
  EXPECT_THAT(Outcomes(), IsEmpty()) << "a report on the first offer must not count for the second";
}

TEST_F(ReplayTest, OffersNoStoredCallbackAgainBeforeItsRemoval) {
  LetFlow();
  Hold({"a", "b"});
  Store(Turn(0), 5);
  partitions = 3;  // The plan starts over.
  EXPECT_THAT(Turn(200), IsEmpty());
  Hold({"c"});
  EXPECT_THAT(Turn(400), ElementsAre("4:c"));
}

TEST_F(ReplayTest, CountsOnlyTheFirstReportOfACallback) {
  Hold({"a"});
  Turn(0);
  Report("1:a", StorageOutcome::kStored, 5);
  Report("1:a", StorageOutcome::kUnavailable, 6);
  EXPECT_THAT(Outcomes(), ElementsAre("stored 1"));
}

TEST_F(ReplayTest, UsesNumbersThatInFlightNeverUses) {
  LetFlow();
  Hold({"a", "b"});
  Turn(0);
  for (const auto& [body, number] : kafka.numbers) EXPECT_TRUE(IsOfReplay(number)) << body;
}

}  // namespace
}  // namespace ingest
