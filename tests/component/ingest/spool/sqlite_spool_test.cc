#include "ingest/spool/sqlite_spool.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "tests/component/ingest/spool/faulty_disk.h"
#include "tests/component/ingest/spool/spool_fixture.h"
#include "tests/component/ingest/spool/spool_samples.h"
#include "tests/support/temp_directory.h"
#include "tests/support/wait_until.h"

namespace ingest {
namespace {

using common::Deadline;
using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using tests::WaitUntil;

TEST_F(SqliteSpoolTest, ReportsSpooledOnlyForCallbacksOnDisk) {
  Open();
  EXPECT_FALSE(spool->Holds("paper"));
  EXPECT_EQ(Offer(1, "a"), "spooled");
  EXPECT_EQ(Offer(2, "b", "connect"), "spooled");
  EXPECT_TRUE(spool->Holds("paper"));
  EXPECT_TRUE(spool->Holds("connect"));
  EXPECT_FALSE(spool->Holds("webid"));
  EXPECT_TRUE(spool->Close(Deadline::After(kPatience)));
  spool.reset();
  EXPECT_THAT(OnDisk(), ElementsAre("a", "b"));
  EXPECT_THAT(Log(), Not(HasSubstr("body of a")));
}

TEST_F(SqliteSpoolTest, ReportsOnlyAfterTheSync) {
  Open();
  HoldSyncs();
  for (CallbackNumber number = 1; number <= 10; ++number) {
    ASSERT_EQ(spool->Offer(number, SampleEnvelope(std::to_string(number))), Offered::kTaken);
  }
  EXPECT_FALSE(WaitUntil([&] { return listener.count() > 0; }, milliseconds(200)));
  may_sync = true;
  for (CallbackNumber number = 1; number <= 10; ++number) {
    EXPECT_EQ(listener.Await(number), "spooled");
  }
}

TEST_F(SqliteSpoolTest, StoresAllQueuedCallbacksInOneCommit) {
  Open();
  ASSERT_EQ(Offer(1, "first"), "spooled");
  HoldSyncs();
  ASSERT_EQ(spool->Offer(2, SampleEnvelope("second")), Offered::kTaken);
  ASSERT_TRUE(WaitUntil([&] { return syncs > 0; }, kPatience));
  for (CallbackNumber number = 3; number <= 102; ++number) {
    ASSERT_EQ(spool->Offer(number, SampleEnvelope(std::to_string(number))), Offered::kTaken);
  }
  may_sync = true;
  EXPECT_EQ(listener.Await(102), "spooled");
  EXPECT_LE(syncs, 8) << "one commit for 100 callbacks, plus the syncs of two checkpoints";
}

TEST_F(SqliteSpoolTest, ReservesRoomForOneBodyUnderMaxBytes) {
  bounds.max_bytes = 10'000;
  Open();
  const std::size_t size = SizeInSpool(SampleEnvelope("000"));
  CallbackNumber number = 100;
  std::size_t taken = 0;
  while (Offer(number, std::to_string(number)) == "spooled") {
    ++number;
    ++taken;
  }
  EXPECT_EQ(taken, (bounds.max_bytes - bounds.max_body) / size + 1);
  EXPECT_FALSE(spool->HasRoom());
  EXPECT_TRUE(WaitUntil([&] { return Log().find("spool.full") != std::string::npos; }, kPatience));
  kafka.is_there = true;
  EXPECT_TRUE(WaitUntil([&] { return spool->HasRoom(); }, kPatience));
  EXPECT_EQ(Offer(9999, "more"), "spooled");
}

TEST_F(SqliteSpoolTest, LeavesMinFreeDiskFree) {
  Open();
  ASSERT_EQ(Offer(1, "a"), "spooled");
  free_disk = 1500;
  EXPECT_TRUE(WaitUntil([&] { return !spool->HasRoom(); }, kPatience));
  EXPECT_EQ(Offer(2, "b"), "refused");
  free_disk = 1'000'000;
  EXPECT_TRUE(WaitUntil([&] { return spool->HasRoom(); }, kPatience));
  EXPECT_EQ(Offer(3, "c"), "spooled");
}

TEST_F(SqliteSpoolTest, BoundsItsQueue) {
  queue = {.max_requests = 3, .max_bytes = 100'000};
  Open();
  HoldSyncs();
  ASSERT_EQ(spool->Offer(1, SampleEnvelope("stuck")), Offered::kTaken);
  ASSERT_TRUE(WaitUntil([&] { return syncs > 0; }, kPatience));
  for (CallbackNumber number = 2; number <= 4; ++number) {
    EXPECT_EQ(spool->Offer(number, SampleEnvelope("queued")), Offered::kTaken);
  }
  EXPECT_EQ(spool->Offer(5, SampleEnvelope("too many")), Offered::kFull);
  may_sync = true;
  EXPECT_EQ(listener.Await(4), "spooled");
}

TEST_F(SqliteSpoolTest, StoresAcceptedCallbacksBeforeItCloses) {
  Open();
  for (CallbackNumber number = 1; number <= 500; ++number) {
    ASSERT_EQ(spool->Offer(number, SampleEnvelope(std::to_string(number))), Offered::kTaken);
  }
  EXPECT_TRUE(spool->Close(Deadline::After(kPatience)));
  for (CallbackNumber number = 1; number <= 500; ++number) {
    EXPECT_EQ(listener.Await(number), "spooled");
  }
  EXPECT_EQ(spool->Offer(501, SampleEnvelope("late")), Offered::kFull);
  spool.reset();
  EXPECT_EQ(OnDisk().size(), 500U);
}

TEST_F(SqliteSpoolTest, KeepsTheOrderOfEachThread) {
  bounds.max_bytes = 100'000'000;
  Open();
  kafka.is_there = true;  // Replay runs meanwhile.
  constexpr int kThreads = 4;
  constexpr int kEach = 200;
  const auto key_of = [](int thread) { return "process of " + std::to_string(thread); };
  {
    std::vector<std::jthread> threads;
    for (int thread = 0; thread < kThreads; ++thread) {
      threads.emplace_back([&, thread] {
        for (int i = 0; i < kEach; ++i) {
          const auto number = static_cast<CallbackNumber>(thread * kEach + i + 1);
          common::Envelope envelope = SampleEnvelope(key_of(thread));
          envelope.body = std::to_string(i);
          EXPECT_EQ(spool->Offer(number, std::move(envelope)), Offered::kTaken);
        }
      });
    }
  }
  EXPECT_TRUE(WaitUntil([&] { return listener.count() == kThreads * kEach; }, kPatience));
  ASSERT_TRUE(WaitUntil([&] { return !spool->Holds("paper"); }, kPatience));
  std::vector<std::string> in_order;
  for (int i = 0; i < kEach; ++i) in_order.push_back(std::to_string(i));
  for (int thread = 0; thread < kThreads; ++thread) {
    EXPECT_EQ(kafka.BodiesOf(key_of(thread)), in_order);
  }
}

}  // namespace
}  // namespace ingest
