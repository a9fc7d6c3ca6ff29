#include "consumer/lane/refused_batch.h"

#include <gtest/gtest.h>

#include <string>

namespace consumer {
namespace {

using std::chrono::hours;

constexpr common::WallTime kNow{hours(480'000)};

/// Completions 1, 2, …, one a character: which record was refused, and why.
///
///   .  none                        T  the time of its result
///   L  its result, too late        S  the time of its marker
///   B  its result, too large
///
/// In `retries`, an r marks the retry of a place.
RefusedBatch Batch(const std::string& refused, const std::string& retries = "") {
  RefusedBatch batch;
  for (std::size_t i = 0; i < refused.size(); ++i) {
    Completion& completion = batch.completions.emplace_back();
    completion.id = i + 1;
    completion.partition = Partition(static_cast<std::int32_t>(i));
    if (i < retries.size() && retries[i] == 'r') completion.tries = HoldKey{};
    auto& suspicion = batch.suspicions.emplace_back();
    const OutgoingTopic topic =
        refused[i] == 'S' ? OutgoingTopic::kSeen : OutgoingTopic::kProcesses;
    const Place place = PlaceOf(topic, completion.partition);
    if (refused[i] == 'L') suspicion = {place, RefusalReason::kUnavailable};
    if (refused[i] == 'B') suspicion = {place, RefusalReason::kTooLarge};
    if (refused[i] == 'T' || refused[i] == 'S') suspicion = {place, RefusalReason::kTimestamp};
  }
  return batch;
}

/// The ids; a ! follows each that is still suspected.
std::string Show(const RefusedBatch& batch) {
  std::string text;
  for (std::size_t i = 0; i < batch.completions.size(); ++i) {
    text += std::to_string(batch.completions[i].id) + (batch.suspicions[i] ? "!" : "");
  }
  return text;
}
std::string Show(const std::vector<Completion>& completions) {
  std::string text;
  for (const Completion& completion : completions) text += std::to_string(completion.id);
  return text;
}

TEST(RefusedBatch, LosesCompletionsOfDroppedPartitionsWithTheirSuspicions) {
  RefusedBatch batch = Batch(".B.B");
  EXPECT_EQ(Show(RemoveOf(batch, {Partition(1), Partition(2)})), "23");
  EXPECT_EQ(Show(batch), "14!");
}

TEST(RefusedBatch, SuspectsNobodyOfARefusedTimeWhileTheClockCanGoBack) {
  MarkerClock clock;
  RefusedBatch batch = Batch("T.SB");
  Retime(batch, clock, kNow);
  EXPECT_EQ(Show(batch), "1234!");
  EXPECT_TRUE(batch.completions[0].record.timestamp) << "its result gets an earlier time";
  EXPECT_LE(*batch.completions[0].record.timestamp, kNow);
  EXPECT_FALSE(batch.completions[2].record.timestamp) << "markers get theirs when they are made";
  while (clock.GoBack()) continue;
  batch = Batch("T.SB");
  Retime(batch, clock, kNow);
  EXPECT_EQ(Show(batch), "1!23!4!") << "there is no earlier time";
}

TEST(RefusedBatch, AcquitsLateOnesBesideARetry) {
  RefusedBatch batch = Batch("LL.", "r..");
  EXPECT_EQ(Show(Excuse(batch)), "");
  EXPECT_EQ(Show(batch), "1!23") << "the retried place is still closed";
}

TEST(RefusedBatch, AcquitsNobodyWithoutARetry) {
  RefusedBatch batch = Batch("LL.");
  EXPECT_EQ(Show(Excuse(batch)), "");
  EXPECT_EQ(Show(batch), "1!2!3");
}

TEST(RefusedBatch, ReturnsRetriesWithoutAVerdict) {
  RefusedBatch batch = Batch(".L.", "r..");
  EXPECT_EQ(Show(Excuse(batch)), "1");
  EXPECT_EQ(Show(batch), "23");
}

TEST(RefusedBatch, GivesUpReconciledResultThatItsTopicNeverAccepts) {
  Completion completion;
  completion.is_reconciled = true;
  EXPECT_TRUE(IsHopeless(completion, {{}, RefusalReason::kTooLarge}));
  EXPECT_FALSE(IsHopeless(completion, {{}, RefusalReason::kUnavailable})) << "it is retried";
  completion.is_reconciled = false;
  EXPECT_FALSE(IsHopeless(completion, {{}, RefusalReason::kTooLarge})) << "a dead letter says it";
}

class MendedCompletion : public ::testing::Test {
 protected:
  /// The outcome, if it is mended.
  std::string Mended(OutgoingTopic topic, RefusalReason reason) {
    Completion completion;
    completion.record.value = std::string(1'000, 'x');
    const auto letter = [](const Completion& /*refused*/) {
      OutgoingRecord record;
      record.topic = OutgoingTopic::kDead;
      return record;
    };
    if (!Mend(completion, {PlaceOf(topic, Partition(0)), reason}, letter)) return "no";
    if (completion.record.topic == OutgoingTopic::kDead) return "letter";
    return completion.record.value.empty() ? "without body" : "?";
  }
};

TEST_F(MendedCompletion, SaysTheSameWithAnotherRecordIfThereIsOne) {
  EXPECT_EQ(Mended(OutgoingTopic::kProcesses, RefusalReason::kTooLarge), "letter");
  EXPECT_EQ(Mended(OutgoingTopic::kProcesses, RefusalReason::kInvalid), "letter");
  EXPECT_EQ(Mended(OutgoingTopic::kDead, RefusalReason::kTooLarge), "without body");
  EXPECT_EQ(Mended(OutgoingTopic::kDead, RefusalReason::kInvalid), "no");
  EXPECT_EQ(Mended(OutgoingTopic::kProcesses, RefusalReason::kUnavailable), "no");
  EXPECT_EQ(Mended(OutgoingTopic::kSeen, RefusalReason::kInvalid), "no");
}

}  // namespace
}  // namespace consumer
