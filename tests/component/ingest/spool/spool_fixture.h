#pragma once

#include <gtest/gtest.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>
#include <sqlite3.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/deadline.h"
#include "common/base/guarded.h"
#include "ingest/events.h"
#include "ingest/spool/refused_callbacks.h"
#include "ingest/spool/sqlite_spool.h"
#include "tests/component/ingest/spool/faulty_disk.h"
#include "tests/component/ingest/spool/spool_samples.h"
#include "tests/support/temp_directory.h"
#include "tests/support/wait_until.h"

namespace ingest {

inline constexpr std::chrono::milliseconds kPatience{20'000};

class RecordingListener final : public StorageListener {
 public:
  void OnReports(std::span<const StorageReport> reports) override {
    outcomes_.With([&](auto& outcomes) {
      for (const StorageReport& report : reports) outcomes[report.number] = report.outcome;
    });
  }
  /// "spooled", "unavailable", or "nothing" if no report arrives.
  [[nodiscard]] std::string Await(CallbackNumber number) const {
    const auto find = [&] {
      return outcomes_.With([&](const auto& outcomes) {
        const auto found = outcomes.find(number);
        return found == outcomes.end() ? std::nullopt : std::optional(found->second);
      });
    };
    if (!tests::WaitUntil([&] { return find().has_value(); }, kPatience)) return "nothing";
    switch (*find()) {
      case StorageOutcome::kStored:
        return "stored";
      case StorageOutcome::kSpooled:
        return "spooled";
      case StorageOutcome::kUnavailable:
      case StorageOutcome::kRefused:
        break;
    }
    return "unavailable";
  }
  [[nodiscard]] bool HasReported(CallbackNumber number) const {
    return outcomes_.With([&](const auto& outcomes) { return outcomes.contains(number); });
  }
  [[nodiscard]] std::size_t count() const {
    return outcomes_.With([](const auto& outcomes) { return outcomes.size(); });
  }

 private:
  common::Guarded<std::map<CallbackNumber, StorageOutcome>> outcomes_;
};

/// Kafka from replay's point of view: unavailable, acknowledging immediately, or refusing.
class FakeKafka final : public CallbackSink {
 public:
  Offered Offer(CallbackNumber number, common::Envelope envelope) override {
    if (!is_there) return Offered::kAway;
    if (dead_keys.contains(envelope.key)) return Offered::kTaken;  // Never reports on it.
    const bool is_refused = refuses && envelope.key.starts_with("poison");
    records_.With([&](auto& records) { records.push_back(std::move(envelope)); });
    if (reports_late) {
      late_.With([&](auto& late) { late.push_back(number); });
      return Offered::kTaken;
    }
    StorageReport report{
        .number = number,
        .outcome = acknowledges ? StorageOutcome::kStored : StorageOutcome::kUnavailable};
    if (is_refused) {
      report.outcome = StorageOutcome::kRefused;
      report.reason = "MSG_SIZE_TOO_LARGE";
    }
    spool->OnReplayReports({&report, 1});
    return Offered::kTaken;
  }
  [[nodiscard]] std::size_t count() const {
    return records_.With([](const auto& records) { return records.size(); });
  }
  [[nodiscard]] std::vector<std::string> Keys() const {
    return records_.With([](const auto& records) {
      std::vector<std::string> keys;
      for (const common::Envelope& envelope : records) keys.push_back(envelope.key);
      return keys;
    });
  }
  [[nodiscard]] std::vector<std::string> BodiesOf(const std::string& key) const {
    return records_.With([&](const auto& records) {
      std::vector<std::string> bodies;
      for (const common::Envelope& envelope : records) {
        if (envelope.key == key) bodies.push_back(envelope.body);
      }
      return bodies;
    });
  }
  [[nodiscard]] common::Envelope First() const {
    return records_.With([](const auto& records) { return records.at(0); });
  }

  /// Sends the delayed reports.
  void ReportLate(StorageOutcome outcome) {
    const auto late = late_.With([](auto& numbers) { return std::exchange(numbers, {}); });
    for (const CallbackNumber number : late) {
      const StorageReport report{.number = number, .outcome = outcome};
      spool->OnReplayReports({&report, 1});
    }
  }

  std::atomic<bool> reports_late = false;
  std::atomic<bool> is_there = false;
  std::atomic<bool> acknowledges = true;
  std::atomic<bool> refuses = true;  ///< Refuses keys that begin with "poison".
  std::set<std::string> dead_keys;   ///< Set before `is_there`.
  Spool* spool = nullptr;

 private:
  common::Guarded<std::vector<common::Envelope>> records_;
  common::Guarded<std::vector<CallbackNumber>> late_;
};

class SqliteSpoolTest : public ::testing::Test {
 protected:
  SqliteSpool::Options Options() {
    return {.database = {.path = path, .vfs = disk.name(), .long_log = long_log},
            .bounds = bounds,
            .queue = queue,
            .free_disk = [this]() -> std::optional<std::uint64_t> {
              return tells_free_disk ? std::optional(free_disk.load()) : std::nullopt;
            }};
  }
  void Start() {
    spool = std::make_unique<SqliteSpool>(Options(), providers, events);
    kafka.spool = spool.get();
    spool->Start(listener, kafka, [this] { return partitions.load(); });
  }
  /// Starts the spool and waits until it is open and counted.
  void Open() {
    const std::size_t from = Log().size();
    Start();
    const auto has_counted = [&] { return Log().find("spool.counted", from) != std::string::npos; };
    ASSERT_TRUE(tests::WaitUntil(has_counted, kPatience)) << Log();
  }
  ~SqliteSpoolTest() override {
    may_sync = true;
    if (spool) spool->Close(common::Deadline::After(kPatience));
  }

  std::string Offer(CallbackNumber number, const std::string& key,
                    const std::string& provider = "paper") {
    const Offered offered = spool->Offer(number, SampleEnvelope(key, provider));
    return offered == Offered::kTaken ? listener.Await(number) : "refused";
  }
  /// Offers a callback that cannot be stored now: it waits.
  void OfferInVain(CallbackNumber number, const std::string& key) {
    ASSERT_EQ(spool->Offer(number, SampleEnvelope(key)), Offered::kTaken);
    ASSERT_TRUE(tests::WaitUntil([&] { return !spool->HasRoom(); }, kPatience));
    EXPECT_FALSE(listener.HasReported(number));
  }
  /// Retries until the spool accepts callbacks again.
  bool StoresAgain(CallbackNumber from) {
    return tests::WaitUntil(
        [&, number = from]() mutable {
          ++number;
          return Offer(number, "again-" + std::to_string(number)) == "spooled";
        },
        kPatience, std::chrono::milliseconds(50));
  }
  [[nodiscard]] std::vector<std::string> OnDisk() const {
    return KeysOf(ReadSpool({.path = path}));
  }
  /// The callbacks that a power cut would leave: in files at the path, not in files that are only
  /// open.
  std::vector<std::string> AtThePath() {
    const tests::TempDirectory copy;
    const std::string to = (copy.path() / "spool.db").string();
    std::filesystem::copy(path, to);
    if (std::filesystem::exists(path + "-wal")) std::filesystem::copy(path + "-wal", to + "-wal");
    return KeysOf(ReadSpool({.path = to}));
  }
  [[nodiscard]] std::string Metrics() const {
    return prometheus::TextSerializer().Serialize(registry.Collect());
  }

  /// From the next sync on, no sync returns until `may_sync`.
  void HoldSyncs() {
    syncs = 0;
    disk.SetRule([this](const FaultyDisk::Call& call) {
      if (call.kind == FaultyDisk::Kind::kSync) {
        ++syncs;
        static_cast<void>(tests::WaitUntil([&] { return may_sync.load(); }, kPatience));
      }
      return FaultyDisk::DiskFault::kNone;
    });
  }

  bool AwaitLog(const std::string& text) {
    return tests::WaitUntil([&] { return Log().find(text) != std::string::npos; }, kPatience);
  }
  /// Stores a callback with a long body and closes the spool. Then damages the body, which no start
  /// reads.
  void StoreAndDamage(CallbackNumber number) {
    common::Envelope large = SampleEnvelope("large");
    large.body.assign(50'000, 'x');
    ASSERT_EQ(spool->Offer(number, std::move(large)), Offered::kTaken);
    ASSERT_EQ(listener.Await(number), "spooled");
    ASSERT_TRUE(spool->Close(common::Deadline::After(kPatience)));
    spool.reset();
    std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
    file.seekp(4 * 4096);
    file << std::string(5 * 4096, '\xAA');
  }
  /// Writes `count` callbacks to a file, quickly.
  void Fill(int count) {
    { ASSERT_TRUE(SpoolDatabase::Open({.path = path})); }
    sqlite3* database = nullptr;
    ASSERT_EQ(sqlite3_open(path.c_str(), &database), SQLITE_OK);
    const std::string sql =
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < " +
        std::to_string(count) +
        ") INSERT INTO callbacks SELECT i, 'paper', 'key-' || i, 1700000000123, 'r', NULL, NULL,"
        " 100, 'body' FROM n";
    EXPECT_EQ(sqlite3_exec(database, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK);
    sqlite3_close(database);
  }
  [[nodiscard]] bool AwaitMetric(const std::string& line) const {
    return tests::WaitUntil([&] { return Metrics().find("\n" + line + "\n") != std::string::npos; },
                            kPatience);
  }

  std::atomic<int> partitions = 1;
  std::atomic<int> syncs = 0;
  std::atomic<bool> may_sync = false;
  tests::TempDirectory directory;
  std::string path = (directory.path() / "spool.db").string();
  RefusedCallbacks refused{RefusedCallbacks::PathBeside(path)};
  FaultyDisk disk;
  SpoolBounds bounds{.max_bytes = 100'000,
                     .min_free_disk = 1000,
                     .max_body = 1000,
                     .commits_within = std::chrono::hours(1)};
  LoadBounds queue;
  int long_log = 8;
  std::atomic<std::uint64_t> free_disk = 1'000'000'000;
  std::atomic<bool> tells_free_disk = true;
  common::Guarded<std::string> lines;
  common::Logger log{"ingest", [this](std::string_view line) {
                       lines.With([&](std::string& text) { text += line; });
                     }};
  [[nodiscard]] std::string Log() const {
    return lines.With([](const std::string& text) { return text; });
  }
  common::ProviderTable providers;
  prometheus::Registry registry;
  Events events{providers, registry, log};
  RecordingListener listener;
  FakeKafka kafka;
  std::unique_ptr<SqliteSpool> spool;
};

}  // namespace ingest
