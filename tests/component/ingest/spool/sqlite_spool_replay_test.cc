#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <string>
#include <vector>

#include "common/domain/key_partition.h"
#include "ingest/spool/sqlite_spool.h"
#include "tests/component/ingest/spool/faulty_disk.h"
#include "tests/component/ingest/spool/spool_fixture.h"
#include "tests/component/ingest/spool/spool_samples.h"
#include "tests/support/temp_directory.h"
#include "tests/support/wait_until.h"

// Replay from the spool.
namespace ingest {
namespace {

using common::Deadline;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::UnorderedElementsAreArray;
using tests::WaitUntil;
using DiskFault = FaultyDisk::DiskFault;
using Kind = FaultyDisk::Kind;

TEST_F(SqliteSpoolTest, ReplaysCallbacksInOrderWithAllFields) {
  Open();
  const std::vector<std::string> keys = {"a", "b", "a", "c", "b", "a"};
  for (CallbackNumber number = 0; number < keys.size(); ++number) {
    ASSERT_EQ(Offer(number + 1, keys[number]), "spooled");
  }
  kafka.is_there = true;
  EXPECT_TRUE(WaitUntil([&] { return !spool->Holds("paper"); }, kPatience));
  EXPECT_THAT(kafka.Keys(), UnorderedElementsAreArray(keys));
  const common::Envelope sample = SampleEnvelope("a");
  const common::Envelope replayed = kafka.First();
  EXPECT_TRUE(replayed.spooled);
  EXPECT_EQ(replayed.body, sample.body);
  EXPECT_EQ(replayed.request_id, sample.request_id);
  EXPECT_EQ(replayed.received_at, sample.received_at);
  EXPECT_EQ(replayed.content_type, sample.content_type);
  EXPECT_TRUE(WaitUntil(
      [&] { return Metrics().find("sluice_ingest_spool_records 0") != std::string::npos; },
      kPatience));
  EXPECT_THAT(Log(), HasSubstr("spool.replay_finished"));
  ASSERT_TRUE(spool->Close(Deadline::After(kPatience)));
  spool.reset();
  EXPECT_THAT(OnDisk(), IsEmpty());
}

TEST_F(SqliteSpoolTest, ReplaysCallbacksOfAPreviousRun) {
  Open();
  ASSERT_EQ(Offer(1, "a"), "spooled");
  ASSERT_EQ(Offer(2, "b"), "spooled");
  ASSERT_TRUE(spool->Close(Deadline::After(kPatience)));
  spool.reset();
  Open();
  EXPECT_TRUE(spool->Holds("paper")) << "before the first offer";
  EXPECT_TRUE(WaitUntil(
      [&] { return Metrics().find("\nsluice_ingest_spool_records 2\n") != std::string::npos; },
      kPatience));
  kafka.is_there = true;
  EXPECT_TRUE(WaitUntil([&] { return !spool->Holds("paper"); }, kPatience));
  EXPECT_THAT(kafka.Keys(), ElementsAre("a", "b"));
}

TEST_F(SqliteSpoolTest, KeepsCallbacksWithoutAnAck) {
  Open();
  ASSERT_EQ(Offer(1, "a"), "spooled");
  kafka.acknowledges = false;
  kafka.is_there = true;
  EXPECT_TRUE(WaitUntil([&] { return kafka.Keys().size() >= 2; }, kPatience)) << "retried";
  EXPECT_TRUE(spool->Holds("paper"));
  ASSERT_TRUE(spool->Close(Deadline::After(kPatience)));
  spool.reset();
  EXPECT_THAT(OnDisk(), ElementsAre("a"));
}

TEST_F(SqliteSpoolTest, MovesRefusedCallbacksAsideAndReplaysTheOthers) {
  Open();
  for (CallbackNumber number = 1; number <= 4; ++number) {
    ASSERT_EQ(Offer(number, "poison-" + std::to_string(number)), "spooled");
  }
  for (CallbackNumber number = 5; number <= 24; ++number) {
    ASSERT_EQ(Offer(number, "key-" + std::to_string(number)), "spooled");
  }
  kafka.is_there = true;
  EXPECT_TRUE(WaitUntil([&] { return !spool->Holds("paper"); }, kPatience))
      << "refused callbacks must delay nothing";
  EXPECT_THAT(kafka.Keys(), Contains("key-24"));
  EXPECT_TRUE(AwaitMetric("sluice_ingest_spool_refused_records 4"));
  EXPECT_TRUE(AwaitMetric("sluice_ingest_spool_records 0"));
  EXPECT_THAT(Log(), HasSubstr("\"event\":\"spool.refused\""));
  EXPECT_THAT(Log(), HasSubstr("MSG_SIZE_TOO_LARGE"));
  EXPECT_THAT(Log(), Not(HasSubstr("body of poison")));
  ASSERT_TRUE(spool->Close(Deadline::After(kPatience)));
  spool.reset();
  EXPECT_THAT(OnDisk(), IsEmpty());
  EXPECT_EQ(refused.Count()->records, 4U);
  Open();
  EXPECT_TRUE(AwaitMetric("sluice_ingest_spool_refused_records 4")) << "and after the next start";
}

TEST_F(SqliteSpoolTest, ReplaysCallbacksMarkedForRetry) {
  Open();
  ASSERT_EQ(Offer(1, "poison-a"), "spooled");
  ASSERT_EQ(Offer(2, "poison-b"), "spooled");
  kafka.is_there = true;
  ASSERT_TRUE(AwaitMetric("sluice_ingest_spool_refused_records 2"));
  EXPECT_EQ(*refused.MarkForRetry("request of poison-a"), 1U) << "while the spool is open";
  ASSERT_TRUE(WaitUntil([&] { return kafka.BodiesOf("poison-a").size() == 2; }, kPatience));
  EXPECT_TRUE(AwaitMetric("sluice_ingest_spool_refused_records 2")) << "refused again";
  kafka.refuses = false;
  EXPECT_EQ(*refused.MarkForRetry(std::nullopt), 2U);
  EXPECT_TRUE(AwaitMetric("sluice_ingest_spool_refused_records 0"));
  EXPECT_TRUE(AwaitMetric("sluice_ingest_spool_records 0"));
  EXPECT_THAT(kafka.Keys(), Contains("poison-b"));
  EXPECT_EQ(kafka.BodiesOf("poison-a").size(), 3U);
}

TEST_F(SqliteSpoolTest, KeepsACallbackRefusedAgainBeforeItLeftTheRefusedFile) {
  long_log = 10'000;  // Only the refused callbacks' file is written to outside of a log.
  Open();
  ASSERT_EQ(Offer(1, "poison-a"), "spooled");
  ASSERT_EQ(Offer(2, "poison-b"), "spooled");
  kafka.is_there = true;
  ASSERT_TRUE(AwaitMetric("sluice_ingest_spool_refused_records 2"));
  std::atomic<bool> has_failed = false;
  disk.SetRule([&](const FaultyDisk::Call& call) {
    const bool is_of_refused = call.kind == FaultyDisk::Kind::kWrite && !call.is_log;
    const bool fails = is_of_refused && !has_failed.exchange(true);
    return fails ? FaultyDisk::DiskFault::kFull : FaultyDisk::DiskFault::kNone;
  });
  ASSERT_EQ(*refused.MarkForRetry("request of poison-a"), 1U);
  ASSERT_TRUE(WaitUntil([&] { return kafka.BodiesOf("poison-a").size() == 2; }, kPatience));
  ASSERT_TRUE(WaitUntil([&] { return refused.Count()->to_be_retried == 0; }, kPatience));
  ASSERT_TRUE(has_failed);
  ASSERT_TRUE(AwaitMetric("sluice_ingest_spool_records 0"));
  ASSERT_EQ(*refused.MarkForRetry("request of poison-b"), 1U);
  ASSERT_TRUE(WaitUntil([&] { return kafka.BodiesOf("poison-b").size() == 2; }, kPatience));
  ASSERT_TRUE(AwaitMetric("sluice_ingest_spool_records 0"));
  EXPECT_TRUE(WaitUntil([&] { return refused.Count()->to_be_retried == 0; }, kPatience));
  EXPECT_EQ(refused.Count()->records, 2U) << "it is nowhere else";
  disk.Mend();
}

TEST_F(SqliteSpoolTest, KeepsARefusedCallbackUntilTheRefusedFileHasIt) {
  std::filesystem::create_directory(refused.path());
  Open();
  ASSERT_EQ(Offer(1, "poison"), "spooled");
  ASSERT_EQ(Offer(2, "good"), "spooled");
  kafka.is_there = true;
  EXPECT_TRUE(WaitUntil([&] { return !spool->Holds("paper"); }, kPatience));
  EXPECT_THAT(kafka.Keys(), Contains("good"));
  EXPECT_TRUE(
      WaitUntil([&] { return Log().find("is not a file") != std::string::npos; }, kPatience));
  EXPECT_TRUE(AwaitMetric("sluice_ingest_spool_records 1"));
  std::filesystem::remove(refused.path());
  EXPECT_TRUE(AwaitMetric("sluice_ingest_spool_refused_records 1"));
  EXPECT_TRUE(AwaitMetric("sluice_ingest_spool_records 0"));
}

TEST_F(SqliteSpoolTest, KeepsARefusedCallbackOnceIfACrashLeftItInBothFiles) {
  ASSERT_TRUE(refused.Keep(std::vector<RefusedCallback>{
      {.envelope = SampleEnvelope("poison"), .reason = "MSG_SIZE_TOO_LARGE"}}));
  Open();
  ASSERT_EQ(Offer(1, "poison"), "spooled");
  kafka.is_there = true;
  EXPECT_TRUE(WaitUntil([&] { return !spool->Holds("paper"); }, kPatience));
  EXPECT_TRUE(AwaitMetric("sluice_ingest_spool_records 0"));
  EXPECT_TRUE(AwaitMetric("sluice_ingest_spool_refused_records 1"));
}

TEST_F(SqliteSpoolTest, ReplaysALivingPartitionBehindADeadOne) {
  partitions = 2;
  bounds.max_bytes = 10'000'000;
  std::vector<std::string> keys_of[2];
  for (int i = 0; keys_of[0].size() < 1000 || keys_of[1].size() < 20; ++i) {
    const std::string key = "key-" + std::to_string(i);
    keys_of[common::PartitionOf(key, 2).index()].push_back(key);
  }
  keys_of[0].resize(1000);
  keys_of[1].resize(20);
  Open();
  CallbackNumber number = 0;
  for (const auto& keys : keys_of) {
    for (const std::string& key : keys) {
      ASSERT_EQ(spool->Offer(++number, SampleEnvelope(key)), Offered::kTaken);
    }
  }
  ASSERT_EQ(listener.Await(number), "spooled");
  kafka.dead_keys.insert(keys_of[0].begin(), keys_of[0].end());
  kafka.is_there = true;
  for (const std::string& key : keys_of[1]) {
    EXPECT_TRUE(WaitUntil([&] { return kafka.BodiesOf(key).size() == 1; }, kPatience)) << key;
  }
  EXPECT_TRUE(spool->Holds("paper"));
}

TEST_F(SqliteSpoolTest, CheckpointsItsLogDuringRemovals) {
  Open();
  for (CallbackNumber number = 1; number <= 200; ++number) {
    ASSERT_EQ(spool->Offer(number, SampleEnvelope("a")), Offered::kTaken);
  }
  ASSERT_EQ(listener.Await(200), "spooled");
  kafka.is_there = true;  // Gets one callback of a key at a time, and each is removed separately.
  ASSERT_TRUE(WaitUntil([&] { return !spool->Holds("paper"); }, kPatience));
  EXPECT_LE(std::filesystem::file_size(path + "-wal"), 100 * 4200U)
      << "the log must have fewer pages than removals";
}

}  // namespace
}  // namespace ingest
