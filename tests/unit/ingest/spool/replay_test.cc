#include "ingest/spool/replay.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace ingest {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// Takes so many callbacks, and keeps them as "sequence:key".
class CountingKafka final : public CallbackSink {
 public:
  Offered Offer(CallbackNumber number, common::Envelope envelope) override {
    if (room == 0) return Offered::kUnavailable;
    --room;
    offered.push_back(envelope.body);
    numbers[envelope.body] = number;
    return Offered::kTaken;
  }
  std::size_t room = 1'000'000;
  std::vector<std::string> offered;
  std::map<std::string, CallbackNumber> numbers;  ///< The last one of each body.
};

class ReplayTest : public ::testing::Test {
 protected:
  static Replay::TimePoint At(int ms) { return Replay::TimePoint(milliseconds(ms)); }

  /// Rows "1:a" of sequence and key.
  void Hold(const std::vector<std::string>& keys) {
    for (const std::string& key : keys) {
      SpooledCallback callback;
      callback.sequence = ++last;
      callback.size = 10;
      callback.envelope.key = key;
      callback.envelope.provider = "paper";
      callback.envelope.body = std::to_string(last) + ":" + key;
      rows[last] = callback;
    }
  }

  void Report(const std::string& body, StorageOutcome outcome) {
    const StorageReport report{.number = kafka.numbers.at(body), .outcome = outcome};
    replay.OnReports({&report, 1});
  }
  void AcknowledgeAllBut(const std::set<std::string>& failing) {
    for (const std::string& body : TakeOffered()) {
      Report(body, failing.contains(body) ? StorageOutcome::kUnavailable : StorageOutcome::kStored);
    }
  }
  std::vector<std::string> TakeOffered() { return std::exchange(kafka.offered, {}); }

  /// Ends the wave and removes what was acknowledged; "acknowledged/failed".
  std::string End(int now_ms) {
    const auto wave = replay.TakeEnded(At(now_ms));
    if (!wave) return "under way";
    std::vector<std::int64_t> sequences;
    for (const Replay::Acknowledged& callback : wave->acknowledged) {
      sequences.push_back(callback.sequence);
    }
    if (removes) {
      for (const std::int64_t sequence : sequences) rows.erase(sequence);
      replay.Removed(sequences);
    }
    return std::to_string(wave->acknowledged.size()) + "/" + std::to_string(wave->failed);
  }
  std::size_t Begin(int now_ms) {
    if (!replay.HasTurn(At(now_ms))) return 0;
    const auto begun = replay.Begin(At(now_ms));
    return begun ? *begun : 0;
  }

  std::int64_t last = 0;
  std::map<std::int64_t, SpooledCallback> rows;
  bool removes = true;
  bool is_readable = true;
  CountingKafka kafka;
  Replay replay{kafka, [this](std::int64_t after) -> common::Result<std::vector<SpooledCallback>> {
                  if (!is_readable) return common::Error{common::Remedy::kAbort, "io_error", ""};
                  std::vector<SpooledCallback> found;
                  for (const auto& [sequence, callback] : rows) {
                    if (sequence > after) found.push_back(callback);
                  }
                  return found;
                }};
};

TEST_F(ReplayTest, SendsOldestFirstAndEndsWhenAllAreReported) {
  Hold({"a", "b", "c"});
  EXPECT_EQ(Begin(0), 3U);
  EXPECT_THAT(kafka.offered, ElementsAre("1:a", "2:b", "3:c"));
  Report("2:b", StorageOutcome::kStored);
  Report("1:a", StorageOutcome::kStored);
  EXPECT_EQ(End(0), "under way");
  EXPECT_FALSE(replay.HasTurn(At(0)));
  Report("3:c", StorageOutcome::kStored);
  EXPECT_EQ(End(0), "3/0");
  EXPECT_TRUE(replay.HasTurn(At(0))) << "at once";
}

TEST_F(ReplayTest, SendsNoKeyTwiceInAWave) {
  Hold({"a", "b", "a", "c"});
  EXPECT_EQ(Begin(0), 2U);
  EXPECT_THAT(kafka.offered, ElementsAre("1:a", "2:b"));
  AcknowledgeAllBut({});
  EXPECT_EQ(End(0), "2/0");
  EXPECT_EQ(Begin(0), 2U);
  EXPECT_THAT(kafka.offered, ElementsAre("3:a", "4:c"));
}

TEST_F(ReplayTest, LetsNoCallbackOvertakeAFailedOneOfItsKey) {
  Hold({"a", "b", "a", "c"});
  Begin(0);
  AcknowledgeAllBut({"1:a"});
  EXPECT_EQ(End(0), "1/1");
  EXPECT_EQ(Begin(0), 1U);
  EXPECT_THAT(TakeOffered(), ElementsAre("4:c")) << "3:a waits for 1:a";
  Report("4:c", StorageOutcome::kStored);
  EXPECT_EQ(End(0), "1/0");
  EXPECT_EQ(Begin(0), 0U) << "the end of the walk";
  EXPECT_FALSE(replay.HasTurn(At(999)));
  EXPECT_EQ(Begin(1000), 1U);
  EXPECT_THAT(TakeOffered(), ElementsAre("1:a"));
  Report("1:a", StorageOutcome::kStored);
  EXPECT_EQ(End(1000), "1/0");
  EXPECT_EQ(Begin(1000), 1U);
  EXPECT_THAT(TakeOffered(), ElementsAre("3:a"));
}

TEST_F(ReplayTest, IsNotHeldUpByWhatKafkaRefusesForGood) {
  Hold({"poison", "a", "b", "poison", "c"});
  std::vector<std::string> arrived;
  for (int now = 0; now < 5000; now += 100) {
    Begin(now);
    for (const std::string& body : TakeOffered()) {
      const bool is_poison = body == "1:poison";
      if (!is_poison) arrived.push_back(body);
      Report(body, is_poison ? StorageOutcome::kUnavailable : StorageOutcome::kStored);
    }
    End(now);
  }
  EXPECT_THAT(arrived, ElementsAre("2:a", "3:b", "5:c"));
  EXPECT_EQ(rows.size(), 2U) << "the key's own callbacks stay";
}

TEST_F(ReplayTest, RestsASecondWhileKafkaTakesNothing) {
  Hold({"a", "b"});
  kafka.room = 0;
  EXPECT_EQ(Begin(0), 0U);
  EXPECT_FALSE(replay.HasTurn(At(999)));
  kafka.room = 10;
  EXPECT_EQ(Begin(1000), 2U);
}

TEST_F(ReplayTest, RestsASecondAfterAWaveOfWhichNothingWasAcknowledged) {
  Hold({"a", "b"});
  Begin(0);
  AcknowledgeAllBut({"1:a", "2:b"});
  EXPECT_EQ(End(0), "0/2");
  EXPECT_FALSE(replay.HasTurn(At(999)));
  EXPECT_EQ(Begin(1000), 2U);
  EXPECT_THAT(kafka.offered, ElementsAre("1:a", "2:b"));
}

TEST_F(ReplayTest, GoesOnWithTheRestWhereKafkaTookAPartOnly) {
  Hold({"a", "b", "c"});
  kafka.room = 2;
  EXPECT_EQ(Begin(0), 2U);
  AcknowledgeAllBut({});
  EXPECT_EQ(End(0), "2/0");
  kafka.room = 10;
  EXPECT_EQ(Begin(0), 1U);
  EXPECT_THAT(kafka.offered, ElementsAre("3:c"));
}

TEST_F(ReplayTest, EndsAWaveWhoseReportsDoNotCome) {
  Hold({"a", "b"});
  Begin(0);
  Report("1:a", StorageOutcome::kStored);
  EXPECT_EQ(End(19'999), "under way");
  EXPECT_EQ(End(20'000), "1/1");
  const CallbackNumber late = kafka.numbers.at("2:b");
  EXPECT_EQ(Begin(20'000), 0U);
  EXPECT_EQ(Begin(21'000), 1U);
  const StorageReport report{.number = late, .outcome = StorageOutcome::kStored};
  replay.OnReports({&report, 1});
  EXPECT_EQ(End(21'000), "under way") << "a report of an earlier wave says nothing of this one";
}

TEST_F(ReplayTest, SendsNothingTwiceThatIsAcknowledgedAndNotYetRemoved) {
  Hold({"a", "b"});
  removes = false;
  Begin(0);
  AcknowledgeAllBut({"2:b"});
  EXPECT_EQ(End(0), "1/1");
  EXPECT_EQ(Begin(0), 0U);
  EXPECT_EQ(Begin(1000), 1U);
  EXPECT_THAT(kafka.offered, ElementsAre("2:b"));
}

TEST_F(ReplayTest, CountsTheFirstReportOfACallbackOnly) {
  Hold({"a", "b"});
  Begin(0);
  Report("1:a", StorageOutcome::kStored);
  Report("1:a", StorageOutcome::kUnavailable);
  EXPECT_EQ(End(0), "under way");
  Report("2:b", StorageOutcome::kStored);
  EXPECT_EQ(End(0), "2/0");
}

TEST_F(ReplayTest, FindsWhatComesWhileItWalks) {
  Hold({"a"});
  Begin(0);
  Hold({"b"});
  AcknowledgeAllBut({});
  End(0);
  EXPECT_EQ(Begin(0), 1U);
  EXPECT_THAT(kafka.offered, ElementsAre("2:b"));
}

TEST_F(ReplayTest, TriesAgainWhereReadingFails) {
  Hold({"a"});
  is_readable = false;
  EXPECT_FALSE(replay.Begin(At(0)));
  EXPECT_FALSE(replay.HasTurn(At(999)));
  is_readable = true;
  EXPECT_EQ(Begin(1000), 1U);
}

TEST_F(ReplayTest, GivesNumbersThatNoInFlightGives) {
  Hold({"a", "b"});
  Begin(0);
  for (const auto& [body, number] : kafka.numbers) EXPECT_TRUE(IsOfReplay(number)) << body;
}

}  // namespace
}  // namespace ingest
