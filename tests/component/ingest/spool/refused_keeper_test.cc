#include "ingest/spool/refused_keeper.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <prometheus/registry.h>
#include <sqlite3.h>

#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "ingest/events.h"
#include "tests/component/ingest/spool/faulty_disk.h"
#include "tests/component/ingest/spool/spool_samples.h"
#include "tests/support/temp_directory.h"

namespace ingest {
namespace {

using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

/// Reads the file like sluicectl until it is destroyed; meanwhile nothing can be committed to it.
class Reader {
 public:
  explicit Reader(const std::string& path) {
    sqlite3_open_v2(path.c_str(), &connection_, SQLITE_OPEN_READONLY, nullptr);
    EXPECT_EQ(
        sqlite3_exec(connection_, "BEGIN; SELECT count(*) FROM refused", nullptr, nullptr, nullptr),
        SQLITE_OK);
  }
  ~Reader() { sqlite3_close(connection_); }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

 private:
  sqlite3* connection_ = nullptr;
};

class RefusedKeeperTest : public ::testing::Test {
 protected:
  RefusedKeeperTest() {
    Open();
    inbox.Recount(0);
    inbox.WithLedger([](SpoolLedger& ledger) {
      ledger.FreeDiskIs(1'000'000'000);
      ledger.Counted({}, true);
    });
    inbox.SetWritable(true);
  }

  void Open() {
    spool = std::make_unique<SpoolWriter>(options, events);
    static_cast<void>(spool->Maintain());
    spool->CountOn(common::Deadline::After(std::chrono::seconds(20)));
  }
  Replay::Refused Store(SpooledCallback callback) {
    EXPECT_EQ(spool->Store({&callback, 1}), SpoolWriter::Stored::kYes);
    return RefusalOf(callback);
  }
  static Replay::Refused RefusalOf(const SpooledCallback& callback) {
    return {.callback = {.sequence = callback.sequence, .provider = callback.envelope.provider},
            .reason = "MSG_SIZE_TOO_LARGE"};
  }
  /// Also removes kept callbacks from the spool.
  void Refuse(const std::vector<Replay::Refused>& refused) {
    keeper.Add(refused);
    const auto deadline = common::Deadline::After(std::chrono::seconds(20));
    for (const std::int64_t kept : keeper.Keep(*spool, deadline)) {
      EXPECT_TRUE(spool->Remove(RowsOf(kept)));
    }
  }
  std::vector<SpooledCallback> InSpool() {
    std::vector<SpooledCallback> callbacks;
    for (std::int64_t sequence = 1; sequence <= spool->last_sequence(); ++sequence) {
      const auto read = spool->Read(sequence);
      if (read && *read) callbacks.push_back(**read);
    }
    return callbacks;
  }
  std::vector<std::string> Refused() {
    std::vector<std::string> keys;
    EXPECT_TRUE(file.ForEach({}, [&](const RefusedCallback& callback) {
      keys.push_back(callback.envelope.key);
      return true;
    }));
    return keys;
  }

  tests::TempDirectory directory;
  FaultyDisk disk;
  SpoolDatabase::Options options{.path = (directory.path() / "spool.db").string(),
                                 .vfs = disk.name()};
  common::Logger log{"ingest", [](std::string_view) {}};
  common::ProviderTable providers;
  prometheus::Registry registry;
  Events events{providers, registry, log};
  std::unique_ptr<SpoolWriter> spool;
  SpoolInbox inbox{{.max_bytes = 1'000'000,
                    .min_free_disk = 1000,
                    .max_body = 1000,
                    .commits_within = std::chrono::hours(1)},
                   {},
                   providers};
  RefusedCallbacks file{RefusedCallbacks::PathBeside(options.path)};
  RefusedKeeper keeper{options, events};
};

TEST_F(RefusedKeeperTest, KeepsACallbackRefusedAgainBeforeItLeftTheFile) {
  Refuse({Store(SampleCallback("a"))});
  ASSERT_EQ(*file.MarkForRetry(std::nullopt), 1U);
  {
    const Reader reader(file.path());
    keeper.Maintain(*spool, inbox);
  }
  const auto moved = InSpool();
  ASSERT_EQ(KeysOf(moved), std::vector<std::string>{"a"});
  ASSERT_THAT(Refused(), UnorderedElementsAre("a")) << "it could not be removed during the read";
  Refuse({RefusalOf(moved[0])});
  ASSERT_THAT(InSpool(), IsEmpty());
  keeper.Maintain(*spool, inbox);
  EXPECT_THAT(Refused(), UnorderedElementsAre("a"));
  Refuse({Store(SampleCallback("b"))});
  ASSERT_EQ(*file.MarkForRetry("request of b"), 1U);
  keeper.Maintain(*spool, inbox);
  EXPECT_THAT(Refused(), UnorderedElementsAre("a")) << "only the file has it";
  EXPECT_EQ(KeysOf(InSpool()), std::vector<std::string>{"b"});
}

TEST_F(RefusedKeeperTest, CountsCallbacksMovedBackIntoALostFile) {
  Refuse({Store(SampleCallback("a"))});
  ASSERT_EQ(*file.MarkForRetry(std::nullopt), 1U);
  std::filesystem::remove(options.path);
  keeper.Maintain(*spool, inbox);
  ASSERT_EQ(KeysOf(InSpool()), std::vector<std::string>{"a"}) << "the lost file still has it";
  EXPECT_TRUE(inbox.Holds("paper"));
  EXPECT_EQ(inbox.WithLedger([](SpoolLedger& ledger) { return ledger.fill().records; }), 1U);
  EXPECT_THAT(Refused(), UnorderedElementsAre("a"));
}

TEST_F(RefusedKeeperTest, KeepsOtherCallbacksIfOneIsUnreadable) {
  SpooledCallback big = SampleCallback("big");
  big.envelope.body = std::string(100'000, 'x');  // On pages that only reading this body needs.
  const std::vector<Replay::Refused> refused{Store(big), Store(SampleCallback("b"))};
  spool = nullptr;
  Open();
  bool is_first = true;
  disk.SetRule([&](const FaultyDisk::Call& call) {
    if (call.kind != FaultyDisk::Kind::kRead) return FaultyDisk::DiskFault::kNone;
    return std::exchange(is_first, false) ? FaultyDisk::DiskFault::kError
                                          : FaultyDisk::DiskFault::kNone;
  });
  Refuse(refused);
  disk.Mend();
  EXPECT_THAT(Refused(), UnorderedElementsAre("b"));
  EXPECT_EQ(keeper.waiting(), 1U);
  keeper.Maintain(*spool, inbox);
  Refuse({});
  EXPECT_THAT(Refused(), UnorderedElementsAre("big", "b")) << "the unreadable one is retried";
  EXPECT_THAT(InSpool(), IsEmpty());
}

}  // namespace
}  // namespace ingest
