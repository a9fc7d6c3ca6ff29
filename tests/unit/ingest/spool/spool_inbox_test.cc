#include "ingest/spool/spool_inbox.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

namespace ingest {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class SpoolInboxTest : public ::testing::Test {
 protected:
  SpoolInboxTest() {
    inbox.Recount(0);
    inbox.WithLedger([](SpoolLedger& ledger) {
      ledger.FreeDiskIs(1'000'000'000);
      ledger.Counted({}, true);
    });
    inbox.SetWritable(true);
  }

  using Need = SpoolInbox::Need;

  bool Offer(CallbackNumber number, Need need = Need::kOrdinary) {
    common::Envelope envelope;
    envelope.provider = "paper";
    envelope.body = std::to_string(number);
    return inbox.Offer(number, std::move(envelope), need);
  }
  std::vector<CallbackNumber> Take() {
    return inbox.Take(common::Deadline::After(milliseconds(0))).queued->numbers;
  }
  [[nodiscard]] CallbackNumber Stalled() const {
    const auto stalled = inbox.FindStalled();
    return stalled ? stalled->number : 0;
  }
  void HandOver() { inbox.HandedOver(inbox.FindStalled()->ticket); }
  [[nodiscard]] std::size_t records() {
    return inbox.WithLedger([](const SpoolLedger& ledger) { return ledger.fill().records; });
  }
  void Pass(int ms) { now += milliseconds(ms); }

  common::ProviderTable providers;
  SpoolInbox::TimePoint now{};
  LoadBounds queue{.max_requests = 4, .max_bytes = 1'000};
  SpoolInbox inbox{
      {.max_bytes = 100'000, .min_free_disk = 1'000, .max_body = 1'000}, queue, providers, [this] {
        return now;
      }};
};

TEST_F(SpoolInboxTest, StallsOnlyIfSingleRequestTakesTooLong) {
  Take();
  ASSERT_TRUE(Offer(1));
  for (int request = 0; request < 5; ++request) {
    Pass(900);
    EXPECT_FALSE(inbox.IsStalled());
    EXPECT_TRUE(inbox.HasRoom());
    inbox.DiskHasAnswered();
  }
  EXPECT_TRUE(inbox.FindStalled()) << "it waits long, so Kafka gets it, too";
  Pass(1'001);
  EXPECT_TRUE(inbox.IsStalled());
  EXPECT_FALSE(inbox.HasRoom());
  EXPECT_FALSE(Offer(2));
  inbox.DiskHasAnswered();
  EXPECT_TRUE(Offer(3));
}

TEST_F(SpoolInboxTest, AcceptsOnlyLastResortWhileDiskHangsOrFails) {
  Take();
  Pass(1'001);
  EXPECT_FALSE(Offer(1));
  EXPECT_TRUE(Offer(2, Need::kLastResort));
  EXPECT_EQ(Stalled(), 2U) << "Kafka gets it once it is back";
  EXPECT_THAT(Take(), ElementsAre(2U));
  inbox.Stored();
  inbox.SetWritable(false);
  EXPECT_FALSE(Offer(3));
  EXPECT_TRUE(Offer(4, Need::kLastResort));
  EXPECT_EQ(Stalled(), 4U);
  EXPECT_THAT(Take(), IsEmpty()) << "it would only fail";
  inbox.SetWritable(true);
  EXPECT_THAT(Take(), ElementsAre(4U));
}

TEST_F(SpoolInboxTest, KeepsItsBoundsForTheLastResort) {
  inbox.SetWritable(false);
  inbox.WithLedger([](SpoolLedger& ledger) { ledger.FreeDiskIs(1'500); });
  EXPECT_FALSE(Offer(1, Need::kLastResort)) << "min_free_disk is for others";
  inbox.WithLedger([](SpoolLedger& ledger) { ledger.FreeDiskIs(std::nullopt); });
  for (CallbackNumber number = 2; number <= 5; ++number) {
    EXPECT_TRUE(Offer(number, Need::kLastResort)) << "a disk that does not tell may have room";
  }
  EXPECT_FALSE(Offer(6, Need::kLastResort)) << "the queue is full";
  inbox.Close();
  EXPECT_THAT(Take(), SizeIs(4));
  EXPECT_FALSE(Offer(7, Need::kLastResort));
}

TEST_F(SpoolInboxTest, MakesRoomForNewCallbacksOnceTheSendersOfOldOnesWaitNoLonger) {
  inbox.SetWritable(false);
  Offer(1, Need::kLastResort);
  Offer(2, Need::kLastResort);
  Pass(6'000);
  Offer(3, Need::kLastResort);
  Offer(4, Need::kLastResort);
  EXPECT_FALSE(Offer(5, Need::kLastResort));
  Pass(4'001);
  EXPECT_TRUE(Offer(6, Need::kLastResort));
  EXPECT_TRUE(Offer(7, Need::kLastResort));
  EXPECT_FALSE(Offer(8, Need::kLastResort));
  EXPECT_EQ(records(), 4U);
  inbox.SetWritable(true);
  EXPECT_THAT(Take(), ElementsAre(3U, 4U, 6U, 7U));
}

TEST_F(SpoolInboxTest, RetriesAFailedCommitInOrderAndWithFewerCallbacks) {
  for (CallbackNumber number = 1; number <= 3; ++number) Offer(number);
  ASSERT_THAT(Take(), SizeIs(3));
  Offer(4);
  inbox.SetWritable(false);
  ASSERT_TRUE(inbox.PutBack());
  EXPECT_EQ(records(), 4U);
  EXPECT_THAT(Take(), IsEmpty());
  inbox.SetWritable(true);
  EXPECT_THAT(Take(), ElementsAre(1U, 2U, 3U, 4U));
  ASSERT_TRUE(inbox.PutBack());
  ASSERT_THAT(Take(), SizeIs(4));
  ASSERT_TRUE(inbox.PutBack());
  EXPECT_THAT(Take(), ElementsAre(1U)) << "one of them may be the cause";
  inbox.Stored();
  EXPECT_THAT(Take(), ElementsAre(2U, 3U, 4U));
}

TEST_F(SpoolInboxTest, GivesUpACallbackThatFailsAloneOnceItsSenderWaitsNoLonger) {
  Offer(1);
  ASSERT_THAT(Take(), ElementsAre(1U));
  Pass(10'001);
  ASSERT_TRUE(inbox.PutBack()) << "it holds up nobody";
  ASSERT_THAT(Take(), ElementsAre(1U));
  Offer(2, Need::kLastResort);
  EXPECT_FALSE(inbox.PutBack());
  EXPECT_THAT(Take(), ElementsAre(2U));
}

TEST_F(SpoolInboxTest, GivesUpAFailedCommitOnceItIsClosed) {
  Offer(1);
  Take();
  inbox.Close();
  EXPECT_FALSE(inbox.PutBack());
}

TEST_F(SpoolInboxTest, HandsOverEachCallbackOnceHoweverOftenItsCommitFails) {
  for (CallbackNumber number = 1; number <= 3; ++number) Offer(number);
  Take();
  Offer(4);
  inbox.SetWritable(false);
  EXPECT_EQ(Stalled(), 1U);
  HandOver();
  EXPECT_EQ(Stalled(), 2U);
  HandOver();
  EXPECT_EQ(inbox.handed_over(), 2U);
  ASSERT_TRUE(inbox.PutBack());
  EXPECT_EQ(Stalled(), 3U);
  HandOver();
  EXPECT_EQ(Stalled(), 4U);
  inbox.SetWritable(true);
  EXPECT_EQ(Stalled(), 0U) << "the disk works again";
  ASSERT_THAT(Take(), SizeIs(4));
  EXPECT_EQ(inbox.handed_over(), 3U);
  inbox.SetWritable(false);
  EXPECT_EQ(Stalled(), 4U);
  inbox.Stored();
  EXPECT_EQ(Stalled(), 0U);
}

}  // namespace
}  // namespace ingest
