#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>

#include "ingest/spool/spooling_sink.h"
#include "ingest/spool/sqlite_spool.h"
#include "tests/component/ingest/spool/faulty_disk.h"
#include "tests/component/ingest/spool/spool_fixture.h"
#include "tests/component/ingest/spool/spool_samples.h"
#include "tests/support/metrics.h"
#include "tests/support/temp_directory.h"
#include "tests/support/wait_until.h"

// The spool on a failing, hanging or full disk.
namespace ingest {
namespace {

using common::Deadline;
using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;
using ::testing::Not;
using tests::WaitUntil;
using DiskFault = FaultyDisk::DiskFault;
using Kind = FaultyDisk::Kind;

TEST_F(SqliteSpoolTest, ReportsBeforeItCheckpoints) {
  long_log = 1;
  Open();
  std::atomic<int>& reported = syncs;  // When the table is first written.
  reported = -1;
  disk.SetRule([&reported, this](const FaultyDisk::Call& call) {
    int nobody_knows = -1;
    if (call.kind == Kind::kWrite && !call.is_log) {
      reported.compare_exchange_strong(nobody_knows, static_cast<int>(listener.count()));
    }
    return DiskFault::kNone;
  });
  EXPECT_EQ(Offer(1, "a"), "spooled");
  EXPECT_TRUE(WaitUntil([&] { return reported >= 0; }, kPatience));
  EXPECT_EQ(reported, 1);
}

struct OneFault {
  std::string name;
  Kind kind;
  DiskFault fault;
};
void PrintTo(const OneFault& fault, std::ostream* out) { *out << fault.name; }

class FailingDiskTest : public SqliteSpoolTest, public ::testing::WithParamInterface<OneFault> {};

TEST_P(FailingDiskTest, CausesNoSpooledReportUntilARetrySucceeds) {
  Open();
  ASSERT_EQ(Offer(1, "before"), "spooled");
  disk.Fail(GetParam().kind, GetParam().fault);
  ASSERT_EQ(spool->Offer(2, SampleEnvelope("failed")), Offered::kTaken);
  EXPECT_TRUE(WaitUntil([&] { return !spool->HasRoom(); }, kPatience)) << "readiness must show it";
  EXPECT_EQ(Offer(3, "meanwhile"), "refused");
  ASSERT_EQ(spool->OfferAsLastResort(4, SampleEnvelope("nobody's")), Offered::kTaken);
  EXPECT_THAT(Log(), HasSubstr("\"event\":\"spool.failed\""));
  EXPECT_THAT(Log(), Not(HasSubstr("body of failed")));
  EXPECT_FALSE(WaitUntil([&] { return listener.count() > 1; }, milliseconds(1'200)))
      << "their deadline decides";
  disk.Mend();
  EXPECT_EQ(listener.Await(2), "spooled");
  EXPECT_EQ(listener.Await(4), "spooled");
  EXPECT_TRUE(StoresAgain(100));
  EXPECT_TRUE(WaitUntil([&] { return Log().find("spool.works") != std::string::npos; }, kPatience));
  ASSERT_TRUE(spool->Close(Deadline::After(kPatience)));
  spool.reset();
  disk.CutPower();
  EXPECT_THAT(OnDisk(), IsSupersetOf({"before", "failed", "nobody's"}));
  EXPECT_THAT(OnDisk(), Not(Contains("meanwhile")));
}

INSTANTIATE_TEST_SUITE_P(OfEachKind, FailingDiskTest,
                         ::testing::Values(OneFault{"DiskFull", Kind::kWrite, DiskFault::kFull},
                                           OneFault{"WriteError", Kind::kWrite, DiskFault::kError},
                                           OneFault{"ShortWrite", Kind::kWrite, DiskFault::kHalf},
                                           OneFault{"SyncError", Kind::kSync, DiskFault::kError}),
                         [](const auto& fault) { return fault.param.name; });

TEST_F(SqliteSpoolTest, HasNoRoomWhileACommitTakesTooLong) {
  bounds.commits_within = milliseconds(200);
  Open();
  ASSERT_EQ(Offer(1, "before"), "spooled");
  spool->WatchDisk();
  EXPECT_THAT(Log(), Not(HasSubstr("spool.stalls")));
  HoldSyncs();
  ASSERT_EQ(spool->Offer(2, SampleEnvelope("stuck")), Offered::kTaken);
  EXPECT_TRUE(WaitUntil([&] { return !spool->HasRoom(); }, kPatience)) << "readiness must show it";
  EXPECT_EQ(spool->Offer(3, SampleEnvelope("meanwhile")), Offered::kFull);
  spool->WatchDisk();
  EXPECT_THAT(Log(), HasSubstr("\"event\":\"spool.stalls\""));
  EXPECT_THAT(Metrics(), HasSubstr("sluice_ingest_spool_has_room 0"));
  EXPECT_THAT(Metrics(), HasSubstr("sluice_ingest_spool_open 0"));
  EXPECT_THAT(Metrics(), Not(HasSubstr("\nsluice_ingest_spool_records "))) << "unknown";
  EXPECT_THAT(Metrics(), Not(HasSubstr("\nsluice_ingest_spool_disk_free_bytes "))) << "unknown";
  may_sync = true;
  EXPECT_EQ(listener.Await(2), "spooled");
  EXPECT_TRUE(AwaitMetric("sluice_ingest_spool_disk_free_bytes 1000000000"));
  EXPECT_TRUE(StoresAgain(100));
  EXPECT_TRUE(WaitUntil(
      [&] {
        spool->WatchDisk();
        return Log().find("spool.answers") != std::string::npos;
      },
      kPatience));
}

TEST_F(SqliteSpoolTest, ReportsFreeAndNeededBytesOfDisk) {
  bounds.max_bytes = 1'000'000;
  free_disk = 5'000'000;
  Open();
  EXPECT_TRUE(AwaitMetric("sluice_ingest_spool_disk_free_bytes 5000000"));
  const auto needed = [this] {
    return static_cast<std::int64_t>(
        tests::MetricValue(registry, "sluice_ingest_spool_disk_needed_bytes", {}));
  };
  const std::int64_t before = needed();
  const std::int64_t all = 1'000'000 + 1000;
  EXPECT_GT(before, all - 40'000) << "a file without callbacks";
  EXPECT_LT(before, all);
  common::Envelope large = SampleEnvelope("large");
  large.body.assign(200'000, 'x');
  ASSERT_EQ(spool->Offer(1, std::move(large)), Offered::kTaken);
  ASSERT_EQ(listener.Await(1), "spooled");
  EXPECT_TRUE(WaitUntil([&] { return needed() <= before - 200'000; }, kPatience));
  tells_free_disk = false;
  EXPECT_TRUE(
      WaitUntil([&] { return Metrics().find("\nsluice_ingest_spool_disk_") == std::string::npos; },
                kPatience))
      << "unknown";
  EXPECT_FALSE(spool->HasRoom());
}

TEST_F(SqliteSpoolTest, DoesNotStallWhileASlowDiskAnswersEachRequest) {
  bounds.commits_within = milliseconds(1'000);
  long_log = 1;  // A checkpoint and a lap for each commit.
  Open();
  disk.SetRule([this](const FaultyDisk::Call& call) {
    if (call.kind != Kind::kSync) return DiskFault::kNone;
    ++syncs;
    static_cast<void>(WaitUntil([&] { return may_sync.load(); }, milliseconds(300)));
    return DiskFault::kNone;
  });
  int refusals = 0;
  ASSERT_EQ(spool->Offer(1, SampleEnvelope("1")), Offered::kTaken);
  EXPECT_TRUE(WaitUntil(
      [&] {
        refusals += spool->HasRoom() ? 0 : 1;
        spool->WatchDisk();
        return syncs >= 5;
      },
      kPatience, milliseconds(5)));
  may_sync = true;
  EXPECT_EQ(listener.Await(1), "spooled");
  EXPECT_EQ(refusals, 0);
  EXPECT_THAT(Log(), Not(HasSubstr("spool.stalls")));
}

class HeldSyncTest : public SqliteSpoolTest, public ::testing::WithParamInterface<DiskFault> {};

TEST_F(SqliteSpoolTest, HandsOverCallbacksThatWaitForAHangingDisk) {
  bounds.commits_within = milliseconds(200);
  Open();
  ASSERT_EQ(Offer(1, "before"), "spooled");
  EXPECT_FALSE(spool->FindStalled());
  disk.SetRule([this](const FaultyDisk::Call& call) {
    if (call.kind != Kind::kSync) return DiskFault::kNone;
    ++syncs;
    static_cast<void>(WaitUntil([&] { return may_sync.load(); }, kPatience));
    return syncs == 1 ? DiskFault::kError : DiskFault::kNone;
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
  EXPECT_EQ(spool->FindStalled()->number, 4U) << "it is not handed over yet";
  may_sync = true;
  for (const CallbackNumber number : {2U, 3U, 4U}) {
    EXPECT_EQ(listener.Await(number), "spooled") << "the file is reopened after the failed sync";
  }
  EXPECT_FALSE(spool->FindStalled());
}

/// Kafka is away, and a sync takes longer than a commit may take.
TEST_P(HeldSyncTest, CostsNoOneShotCallback) {
  bounds.commits_within = milliseconds(200);
  Open();
  SpoolingSink sink(providers, seconds(5), kafka, kafka, *spool, events);
  sink.Attach(listener);
  ASSERT_EQ(sink.Offer(1, SampleEnvelope("before")), Offered::kTaken);
  ASSERT_EQ(listener.Await(1), "spooled");
  disk.SetRule([this](const FaultyDisk::Call& call) {
    if (call.kind != Kind::kSync) return DiskFault::kNone;
    ++syncs;
    static_cast<void>(WaitUntil([&] { return may_sync.load(); }, kPatience));
    return syncs == 1 ? GetParam() : DiskFault::kNone;
  });
  ASSERT_EQ(sink.Offer(2, SampleEnvelope("stuck")), Offered::kTaken);
  ASSERT_TRUE(WaitUntil([&] { return !spool->HasRoom(); }, kPatience));
  EXPECT_EQ(sink.Offer(3, SampleEnvelope("during the stall")), Offered::kTaken);
  sink.ExpireUntil(SpoolingSink::TimePoint::max());
  EXPECT_EQ(listener.count(), 1U);
  may_sync = true;
  EXPECT_EQ(listener.Await(2), "spooled");
  EXPECT_EQ(listener.Await(3), "spooled");
}

INSTANTIATE_TEST_SUITE_P(Ending, HeldSyncTest,
                         ::testing::Values(DiskFault::kNone, DiskFault::kError),
                         [](const auto& fault) {
                           return fault.param == DiskFault::kNone ? "Well" : "InAnError";
                         });

TEST_F(SqliteSpoolTest, DelaysNothingWhileTheDiskIsTooFullToDelete) {
  Open();
  ASSERT_EQ(Offer(1, "a"), "spooled");
  disk.Fail(Kind::kWrite, DiskFault::kFull);
  kafka.is_there = true;
  EXPECT_TRUE(WaitUntil([&] { return !spool->Holds("paper"); }, kPatience))
      << "once acknowledged, new callbacks go straight to Kafka";
  EXPECT_FALSE(WaitUntil([&] { return kafka.Keys().size() > 1; }, milliseconds(1500)))
      << "one run must not send it twice";
  disk.Mend();
  EXPECT_TRUE(WaitUntil(
      [&] { return Metrics().find("sluice_ingest_spool_records 0") != std::string::npos; },
      kPatience));
  ASSERT_TRUE(spool->Close(Deadline::After(kPatience)));
  spool.reset();
  EXPECT_THAT(OnDisk(), IsEmpty());
}

TEST_F(SqliteSpoolTest, OffersTheRestWhileManyCannotBeRemoved) {
  constexpr int kMany = 100'600;
  bounds.max_bytes = 1'000'000'000;
  Fill(kMany);
  Open();
  disk.Fail(Kind::kWrite, DiskFault::kFull);
  kafka.is_there = true;
  EXPECT_TRUE(WaitUntil([&] { return kafka.count() >= kMany; }, 3 * kPatience)) << kafka.count();
  EXPECT_TRUE(WaitUntil([&] { return !spool->Holds("paper"); }, kPatience));
  disk.Mend();
  EXPECT_TRUE(AwaitMetric("sluice_ingest_spool_records 0"));
  EXPECT_EQ(kafka.count(), kMany) << "each once";
}

TEST_F(SqliteSpoolTest, RemovesFinishedCallbacksAfterReopeningTheFile) {
  constexpr int kMany = 5'000;
  bounds.max_bytes = 1'000'000'000;
  Fill(kMany);
  Open();
  disk.Fail(Kind::kWrite, DiskFault::kFull);
  kafka.is_there = true;
  ASSERT_TRUE(WaitUntil([&] { return !spool->Holds("paper"); }, kPatience));
  kafka.is_there = false;
  std::atomic<int>& opened = syncs;
  disk.SetRule([&opened](const FaultyDisk::Call& call) {
    if (call.kind == Kind::kOpen && !call.is_log) ++opened;
    return call.kind == Kind::kSync ? DiskFault::kError : DiskFault::kNone;
  });
  ASSERT_TRUE(WaitUntil([&] { return opened >= 2; }, kPatience));
  kafka.is_there = true;
  disk.Mend();
  EXPECT_TRUE(AwaitMetric("sluice_ingest_spool_records 0"));
  EXPECT_FALSE(spool->Holds("paper"));
  EXPECT_EQ(kafka.count(), kMany) << "each once";
}

TEST_F(SqliteSpoolTest, CountsCorrectlyAfterAFailedSyncOfARemoval) {
  long_log = 1000;
  Open();
  for (CallbackNumber number = 1; number <= 3; ++number) {
    ASSERT_EQ(Offer(number, std::to_string(number)), "spooled");
  }
  // After reopening, the log shows the removal, but it is not on disk.
  std::atomic<int>& opened = syncs;
  disk.SetRule([&opened](const FaultyDisk::Call& call) {
    if (call.kind == Kind::kOpen && !call.is_log) ++opened;
    return call.kind == Kind::kSync ? DiskFault::kError : DiskFault::kNone;
  });
  kafka.is_there = true;
  ASSERT_TRUE(WaitUntil([&] { return opened >= 2; }, kPatience));
  kafka.is_there = false;
  disk.Mend();
  ASSERT_TRUE(StoresAgain(100));
  EXPECT_TRUE(spool->HasRoom());
  EXPECT_TRUE(WaitUntil(
      [&] { return Metrics().find("sluice_ingest_spool_records 1\n") != std::string::npos; },
      kPatience))
      << Metrics();
  EXPECT_TRUE(spool->Holds("paper"));
  EXPECT_EQ(kafka.Keys().size(), 3U) << "none of the three may be sent again";
}

TEST_F(SqliteSpoolTest, AcceptsNothingOnceItIsDamaged) {
  Open();
  StoreAndDamage(1);
  const std::string damaged = tests::ReadFile(path);
  Open();
  kafka.is_there = true;
  ASSERT_TRUE(WaitUntil([&] { return !spool->HasRoom(); }, kPatience));
  EXPECT_EQ(Offer(2, "more"), "refused");
  EXPECT_THAT(Log(), HasSubstr("\"event\":\"spool.damaged\""));
  EXPECT_TRUE(spool->Close(Deadline::After(kPatience)));
  spool.reset();
  EXPECT_EQ(tests::ReadFile(path), damaged) << "nothing must be repaired or discarded";
}

TEST_F(SqliteSpoolTest, ClosesByTheDeadlineWhileTheDiskHangs) {
  Open();
  HoldSyncs();
  ASSERT_EQ(spool->Offer(1, SampleEnvelope("a")), Offered::kTaken);
  const auto before = std::chrono::steady_clock::now();
  EXPECT_FALSE(spool->Close(Deadline::After(milliseconds(100))));
  EXPECT_LT(std::chrono::steady_clock::now() - before, seconds(5));
  EXPECT_EQ(listener.count(), 0U);
  may_sync = true;
}

}  // namespace
}  // namespace ingest
