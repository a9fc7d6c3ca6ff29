#include "ingest/spool/sqlite_spool.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "common/base/guarded.h"
#include "common/domain/key_partition.h"
#include "ingest/events.h"
#include "tests/component/ingest/spool/faulty_disk.h"
#include "tests/component/ingest/spool/spool_fixture.h"
#include "tests/component/ingest/spool/spool_samples.h"
#include "tests/support/temp_directory.h"
#include "tests/support/wait_until.h"

namespace ingest {
namespace {

using common::Deadline;
using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::UnorderedElementsAreArray;
using tests::WaitUntil;
using Fault = FaultyDisk::Fault;
using Kind = FaultyDisk::Kind;

TEST_F(SqliteSpoolTest, ReportsSpooledWhatIsFoundOnDiskAfterwards) {
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

TEST_F(SqliteSpoolTest, ReportsNothingBeforeTheSyncHasReturned) {
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

TEST_F(SqliteSpoolTest, StoresAllThatWaitInOneCommit) {
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
  EXPECT_LE(syncs, 8) << "100 callbacks in one commit, with the syncs of two checkpoints";
}

TEST_F(SqliteSpoolTest, ReportsBeforeItShortensItsLog) {
  long_log = 1;
  Open();
  std::atomic<int>& reported = syncs;  // When the table is first written to.
  reported = -1;
  disk.SetRule([&reported, this](const FaultyDisk::Call& call) {
    int nobody_knows = -1;
    if (call.kind == Kind::kWrite && !call.is_log) {
      reported.compare_exchange_strong(nobody_knows, static_cast<int>(listener.count()));
    }
    return Fault::kNone;
  });
  EXPECT_EQ(Offer(1, "a"), "spooled");
  EXPECT_TRUE(WaitUntil([&] { return reported >= 0; }, kPatience));
  EXPECT_EQ(reported, 1);
}

struct OneFault {
  std::string name;
  Kind kind;
  Fault fault;
};
void PrintTo(const OneFault& fault, std::ostream* out) { *out << fault.name; }

class FailingDiskTest : public SqliteSpoolTest, public ::testing::WithParamInterface<OneFault> {};

TEST_P(FailingDiskTest, NeverBecomesAReportOfSpooledAndIsTriedAgain) {
  Open();
  ASSERT_EQ(Offer(1, "before"), "spooled");
  disk.Fail(GetParam().kind, GetParam().fault);
  EXPECT_EQ(Offer(2, "failed"), "unavailable");
  EXPECT_FALSE(spool->HasRoom()) << "readiness knows";
  EXPECT_NE(Offer(3, "meanwhile"), "spooled");
  EXPECT_THAT(Log(), HasSubstr("\"event\":\"spool.failed\""));
  EXPECT_THAT(Log(), Not(HasSubstr("body of failed")));
  disk.Mend();
  EXPECT_TRUE(TakesAgain(100));
  EXPECT_TRUE(WaitUntil([&] { return Log().find("spool.works") != std::string::npos; }, kPatience));
  ASSERT_TRUE(spool->Close(Deadline::After(kPatience)));
  spool.reset();
  disk.CutPower();
  EXPECT_THAT(OnDisk(), Contains("before"));
  EXPECT_THAT(OnDisk(), Not(Contains("meanwhile")));
}

INSTANTIATE_TEST_SUITE_P(OfEachKind, FailingDiskTest,
                         ::testing::Values(OneFault{"DiskFull", Kind::kWrite, Fault::kFull},
                                           OneFault{"WriteError", Kind::kWrite, Fault::kError},
                                           OneFault{"ShortWrite", Kind::kWrite, Fault::kHalf},
                                           OneFault{"SyncError", Kind::kSync, Fault::kError}),
                         [](const auto& fault) { return fault.param.name; });

TEST_F(SqliteSpoolTest, HasRoomForOneMoreBodyUnderMaxBytes) {
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

TEST_F(SqliteSpoolTest, LeavesTheDiskItsFloor) {
  Open();
  ASSERT_EQ(Offer(1, "a"), "spooled");
  free_disk = 1500;
  EXPECT_TRUE(WaitUntil([&] { return !spool->HasRoom(); }, kPatience));
  EXPECT_EQ(Offer(2, "b"), "refused");
  free_disk = 1'000'000;
  EXPECT_TRUE(WaitUntil([&] { return spool->HasRoom(); }, kPatience));
  EXPECT_EQ(Offer(3, "c"), "spooled");
}

TEST_F(SqliteSpoolTest, BoundsWhatWaitsToBeStored) {
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

TEST_F(SqliteSpoolTest, HasNoRoomWhileACommitTakesLongerThanItMay) {
  bounds.commits_within = milliseconds(200);
  Open();
  ASSERT_EQ(Offer(1, "before"), "spooled");
  spool->WatchDisk();
  EXPECT_THAT(Log(), Not(HasSubstr("spool.stalls")));
  HoldSyncs();
  ASSERT_EQ(spool->Offer(2, SampleEnvelope("stuck")), Offered::kTaken);
  EXPECT_TRUE(WaitUntil([&] { return !spool->HasRoom(); }, kPatience)) << "readiness knows";
  EXPECT_EQ(spool->Offer(3, SampleEnvelope("meanwhile")), Offered::kFull);
  spool->WatchDisk();
  EXPECT_THAT(Log(), HasSubstr("\"event\":\"spool.stalls\""));
  EXPECT_THAT(Metrics(), HasSubstr("sluice_ingest_spool_has_room 0"));
  may_sync = true;
  EXPECT_EQ(listener.Await(2), "spooled");
  EXPECT_TRUE(TakesAgain(100));
  EXPECT_TRUE(WaitUntil(
      [&] {
        spool->WatchDisk();
        return Log().find("spool.answers") != std::string::npos;
      },
      kPatience));
}

TEST_F(SqliteSpoolTest, HandsOverWhatWaitsForADiskThatHangs) {
  bounds.commits_within = milliseconds(200);
  Open();
  ASSERT_EQ(Offer(1, "before"), "spooled");
  EXPECT_FALSE(spool->FindStalled());
  disk.SetRule([this](const FaultyDisk::Call& call) {
    if (call.kind != Kind::kSync) return Fault::kNone;
    ++syncs;
    static_cast<void>(WaitUntil([&] { return may_sync.load(); }, kPatience));
    return syncs == 1 ? Fault::kError : Fault::kNone;
  });
  ASSERT_EQ(spool->Offer(2, SampleEnvelope("2")), Offered::kTaken);
  ASSERT_TRUE(WaitUntil([&] { return syncs > 0; }, kPatience));
  for (const CallbackNumber number : {3U, 4U}) {
    ASSERT_EQ(spool->Offer(number, SampleEnvelope(std::to_string(number))), Offered::kTaken);
  }
  ASSERT_TRUE(WaitUntil([&] { return spool->FindStalled().has_value(); }, kPatience));
  for (const CallbackNumber number : {2U, 3U}) {
    const auto stalled = spool->FindStalled();
    ASSERT_TRUE(stalled);
    EXPECT_EQ(stalled->number, number);
    EXPECT_EQ(stalled->envelope.key, std::to_string(number));
    spool->HandedOver(stalled->ticket);
  }
  ASSERT_TRUE(spool->FindStalled());
  EXPECT_EQ(spool->FindStalled()->number, 4U) << "it was not handed over yet";
  may_sync = true;
  EXPECT_EQ(listener.Await(4), "unavailable") << "the file is opened anew after the failed sync";
  EXPECT_FALSE(spool->FindStalled());
  EXPECT_TRUE(TakesAgain(100));
  EXPECT_FALSE(listener.HasReported(2)) << "whoever has taken it tells";
  EXPECT_FALSE(listener.HasReported(3));
}

TEST_F(SqliteSpoolTest, ReplaysInOrderWithWhatWasKnownOfTheDelivery) {
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

TEST_F(SqliteSpoolTest, ReplaysWhatAnEarlierStartHasLeft) {
  Open();
  ASSERT_EQ(Offer(1, "a"), "spooled");
  ASSERT_EQ(Offer(2, "b"), "spooled");
  ASSERT_TRUE(spool->Close(Deadline::After(kPatience)));
  spool.reset();
  Open();
  EXPECT_TRUE(spool->Holds("paper")) << "before anything is offered";
  EXPECT_TRUE(WaitUntil(
      [&] { return Metrics().find("\nsluice_ingest_spool_records 2\n") != std::string::npos; },
      kPatience));
  kafka.is_there = true;
  EXPECT_TRUE(WaitUntil([&] { return !spool->Holds("paper"); }, kPatience));
  EXPECT_THAT(kafka.Keys(), ElementsAre("a", "b"));
}

TEST_F(SqliteSpoolTest, KeepsWhatKafkaDoesNotAcknowledge) {
  Open();
  ASSERT_EQ(Offer(1, "a"), "spooled");
  kafka.acknowledges = false;
  kafka.is_there = true;
  EXPECT_TRUE(WaitUntil([&] { return kafka.Keys().size() >= 2; }, kPatience)) << "tried again";
  EXPECT_TRUE(spool->Holds("paper"));
  ASSERT_TRUE(spool->Close(Deadline::After(kPatience)));
  spool.reset();
  EXPECT_THAT(OnDisk(), ElementsAre("a"));
}

TEST_F(SqliteSpoolTest, KeepsApartWhatKafkaRefusesAndReplaysTheOthers) {
  Open();
  for (CallbackNumber number = 1; number <= 4; ++number) {
    ASSERT_EQ(Offer(number, "poison-" + std::to_string(number)), "spooled");
  }
  for (CallbackNumber number = 5; number <= 24; ++number) {
    ASSERT_EQ(Offer(number, "key-" + std::to_string(number)), "spooled");
  }
  kafka.is_there = true;
  EXPECT_TRUE(WaitUntil([&] { return !spool->Holds("paper"); }, kPatience))
      << "what is refused holds up nobody";
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

TEST_F(SqliteSpoolTest, ReplaysWhatIsMarkedForARetry) {
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

TEST_F(SqliteSpoolTest, KeepsWhatIsRefusedAgainBeforeItCouldLeaveItsOwnFile) {
  long_log = 10'000;  // Nothing but the refused callbacks' file is written to outside of a log.
  Open();
  ASSERT_EQ(Offer(1, "poison-a"), "spooled");
  ASSERT_EQ(Offer(2, "poison-b"), "spooled");
  kafka.is_there = true;
  ASSERT_TRUE(AwaitMetric("sluice_ingest_spool_refused_records 2"));
  std::atomic<bool> has_failed = false;
  disk.SetRule([&](const FaultyDisk::Call& call) {
    const bool is_of_refused = call.kind == FaultyDisk::Kind::kWrite && !call.is_log;
    const bool fails = is_of_refused && !has_failed.exchange(true);
    return fails ? FaultyDisk::Fault::kFull : FaultyDisk::Fault::kNone;
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
  EXPECT_EQ(refused.Count()->records, 2U) << "it is in no other place";
  disk.Mend();
}

TEST_F(SqliteSpoolTest, KeepsWhatIsRefusedUntilItsOwnFileTakesIt) {
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

TEST_F(SqliteSpoolTest, KeepsARefusedCallbackOnceThoughACrashLeftItInBothFiles) {
  ASSERT_TRUE(refused.Keep(std::vector<RefusedCallback>{
      {.envelope = SampleEnvelope("poison"), .reason = "MSG_SIZE_TOO_LARGE"}}));
  Open();
  ASSERT_EQ(Offer(1, "poison"), "spooled");
  kafka.is_there = true;
  EXPECT_TRUE(WaitUntil([&] { return !spool->Holds("paper"); }, kPatience));
  EXPECT_TRUE(AwaitMetric("sluice_ingest_spool_records 0"));
  EXPECT_TRUE(AwaitMetric("sluice_ingest_spool_refused_records 1"));
}

TEST_F(SqliteSpoolTest, ReplaysALivingPartitionThoughADeadOneLiesBefore) {
  partitions = 2;
  bounds.max_bytes = 10'000'000;
  std::vector<std::string> keys_of[2];
  for (int i = 0; keys_of[0].size() < 1000 || keys_of[1].size() < 20; ++i) {
    const std::string key = "key-" + std::to_string(i);
    keys_of[common::PartitionOf(key, 2)].push_back(key);
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

TEST_F(SqliteSpoolTest, KeepsItsLogShortWhileItOnlyRemoves) {
  Open();
  for (CallbackNumber number = 1; number <= 200; ++number) {
    ASSERT_EQ(spool->Offer(number, SampleEnvelope("a")), Offered::kTaken);
  }
  ASSERT_EQ(listener.Await(200), "spooled");
  kafka.is_there = true;  // It gets one callback of a key at a time, and each is removed by itself.
  ASSERT_TRUE(WaitUntil([&] { return !spool->Holds("paper"); }, kPatience));
  EXPECT_LE(std::filesystem::file_size(path + "-wal"), 100 * 4200U) << "fewer pages than removals";
}

TEST_F(SqliteSpoolTest, HoldsNobodyUpWhenTheDiskIsTooFullToDelete) {
  Open();
  ASSERT_EQ(Offer(1, "a"), "spooled");
  disk.Fail(Kind::kWrite, Fault::kFull);
  kafka.is_there = true;
  EXPECT_TRUE(WaitUntil([&] { return !spool->Holds("paper"); }, kPatience))
      << "acknowledged, so that new callbacks go to Kafka directly";
  EXPECT_FALSE(WaitUntil([&] { return kafka.Keys().size() > 1; }, milliseconds(1500)))
      << "it is not sent twice by the same start";
  disk.Mend();
  EXPECT_TRUE(WaitUntil(
      [&] { return Metrics().find("sluice_ingest_spool_records 0") != std::string::npos; },
      kPatience));
  ASSERT_TRUE(spool->Close(Deadline::After(kPatience)));
  spool.reset();
  EXPECT_THAT(OnDisk(), IsEmpty());
}

TEST_F(SqliteSpoolTest, CountsRightAfterASyncHasFailedWhileItRemoved) {
  long_log = 1000;
  Open();
  for (CallbackNumber number = 1; number <= 3; ++number) {
    ASSERT_EQ(Offer(number, std::to_string(number)), "spooled");
  }
  // The log shows the removal to whoever opens the file anew, but it is not on disk.
  std::atomic<int>& opened = syncs;
  disk.SetRule([&opened](const FaultyDisk::Call& call) {
    if (call.kind == Kind::kOpen && !call.is_log) ++opened;
    return call.kind == Kind::kSync ? Fault::kError : Fault::kNone;
  });
  kafka.is_there = true;
  ASSERT_TRUE(WaitUntil([&] { return opened >= 2; }, kPatience));
  kafka.is_there = false;
  disk.Mend();
  ASSERT_TRUE(TakesAgain(100));
  EXPECT_TRUE(spool->HasRoom());
  EXPECT_TRUE(WaitUntil(
      [&] { return Metrics().find("sluice_ingest_spool_records 1\n") != std::string::npos; },
      kPatience))
      << Metrics();
  EXPECT_TRUE(spool->Holds("paper"));
  EXPECT_EQ(kafka.Keys().size(), 3U) << "none of the three is sent again";
}

TEST_F(SqliteSpoolTest, TakesNothingMoreWhenWhatWaitsCannotBeRead) {
  Open();
  common::Envelope large = SampleEnvelope("large");
  large.body.assign(50'000, 'x');
  ASSERT_EQ(spool->Offer(1, std::move(large)), Offered::kTaken);
  ASSERT_EQ(listener.Await(1), "spooled");
  ASSERT_TRUE(spool->Close(Deadline::After(kPatience)));
  spool.reset();
  {
    // Within the body, which no start reads.
    std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
    file.seekp(4 * 4096);
    file << std::string(5 * 4096, '\xAA');
  }
  const std::string damaged = tests::ReadFile(path);
  Open();
  kafka.is_there = true;
  ASSERT_TRUE(WaitUntil([&] { return !spool->HasRoom(); }, kPatience));
  EXPECT_EQ(Offer(2, "more"), "refused");
  EXPECT_THAT(Log(), HasSubstr("\"event\":\"spool.damaged\""));
  EXPECT_TRUE(spool->Close(Deadline::After(kPatience)));
  spool.reset();
  EXPECT_EQ(tests::ReadFile(path), damaged) << "nothing is repaired or thrown away";
}

TEST_F(SqliteSpoolTest, StoresWhatWasTakenBeforeItCloses) {
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

TEST_F(SqliteSpoolTest, ClosesByTheDeadlineThoughTheDiskHangs) {
  Open();
  HoldSyncs();
  ASSERT_EQ(spool->Offer(1, SampleEnvelope("a")), Offered::kTaken);
  const auto before = std::chrono::steady_clock::now();
  EXPECT_FALSE(spool->Close(Deadline::After(milliseconds(100))));
  EXPECT_LT(std::chrono::steady_clock::now() - before, seconds(5));
  EXPECT_EQ(listener.count(), 0U);
  may_sync = true;
}

TEST_F(SqliteSpoolTest, TakesFromManyThreadsAtOnceAndKeepsTheOrderOfEach) {
  bounds.max_bytes = 100'000'000;
  Open();
  kafka.is_there = true;  // Replay is under way meanwhile.
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
