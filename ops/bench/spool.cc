// usage: bench-spool spool|sqlite|log DIRECTORY threads|none WAITERS SECONDS
//        bench-spool fill FILE ROWS
//
// Measures how many callbacks are synced to disk per second while WAITERS wait; each waiter offers
// its next callback as soon as the last one is stored. The storage is ingest's spool, SQLite
// without ingest's code, or a bare log: one pwrite and one fdatasync for all waiting callbacks,
// into space written before. Waiters are threads; with `none`, the storage's reports offer the next
// callbacks, so only the storage costs time. Measures itself as bench-load does. Creates files in
// DIRECTORY and removes them.
//
// `fill` makes a spool of ROWS waiting callbacks, three of each process, and prints its size in MiB
// and the rows written per second.
#include <prometheus/registry.h>
#include <unistd.h>

#include <condition_variable>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <memory>
#include <mutex>
#include <semaphore>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <type_traits>
#include <vector>

#include "common/domain/provider_rules.h"
#include "common/telemetry/log.h"
#include "ingest/events.h"
#include "ingest/spool/spool_database.h"
#include "ingest/spool/sqlite_spool.h"
#include "ops/bench/bare_log.h"
#include "ops/bench/bare_sqlite.h"
#include "ops/bench/bench_callback.h"
#include "ops/bench/load_window.h"
#include "ops/bench/measuring.h"
#include "ops/bench/pace.h"

namespace {

using common::Envelope;
using ingest::CallbackNumber;
using Clock = std::chrono::steady_clock;

Envelope EnvelopeOf(std::uint64_t n) {
  return {.key = bench::ProcessIdOf(0, n),
          .body = bench::BodyOf(0, n),
          .provider = "paper",
          .received_at = common::WallNow(),
          .request_id = std::string(32, '0'),
          .content_type = "application/json",
          .traceparent = std::nullopt};
}

/// The waiters: each offers its next callback once the last one is stored.
class Waiters final : public ingest::StorageListener {
 public:
  Waiters(ingest::CallbackSink& storage, std::size_t count, double seconds)
      : storage_(storage), waiters_(count), pace_(0, seconds), window_({::getpid()}) {}

  std::string RunAsThreads() {
    are_threads_ = true;
    std::vector<std::jthread> threads;
    for (CallbackNumber number = 0; number < waiters_.size(); ++number) {
      threads.emplace_back([this, number] {
        while (Offer(number)) waiters_[number].stored.acquire();
      });
    }
    threads.clear();
    return ToJson();
  }

  std::string RunAsReports() {
    for (CallbackNumber number = 0; number < waiters_.size(); ++number) Offer(number);
    std::unique_lock lock(mutex_);
    ended_.wait(lock, [this] { return has_ended_; });
    return ToJson();
  }

  void OnReports(std::span<const ingest::StorageReport> reports) override {
    const auto now = Clock::now();
    bool is_last = false;
    {
      const std::lock_guard lock(mutex_);
      pace_.Tell(window_, now);
      for (const ingest::StorageReport& report : reports) {
        Require(report.outcome == ingest::StorageOutcome::kSpooled, "a callback was not stored");
        window_.Done(waiters_[report.number].since, now);
      }
      waiting_ -= reports.size();
      ++reports_;
      callbacks_ += reports.size();
      is_last = pace_.is_over() && waiting_ == 0;
    }
    for (const ingest::StorageReport& report : reports) {
      if (are_threads_) {
        waiters_[report.number].stored.release();
      } else {
        Offer(report.number);
      }
    }
    if (!is_last) return;
    const std::lock_guard lock(mutex_);
    has_ended_ = true;
    ended_.notify_all();
  }

 private:
  struct Waiter {
    Clock::time_point since;
    std::binary_semaphore stored{0};
  };

  /// The window's JSON with `batch`: callbacks per report of the storage.
  [[nodiscard]] std::string ToJson() const {
    std::string json = window_.ToJson();
    json.back() = ',';
    return json + "\"batch\":" +
           std::to_string(static_cast<double>(callbacks_) / static_cast<double>(reports_)) + "}";
  }

  /// Returns false once the time is over.
  bool Offer(CallbackNumber number) {
    const auto now = Clock::now();
    std::uint64_t n = 0;
    {
      const std::lock_guard lock(mutex_);
      if (!pace_.Take(now)) return false;
      n = pace_.count();
      waiters_[number].since = now;
      ++waiting_;
    }
    Require(storage_.Offer(number, EnvelopeOf(n)) == ingest::Offered::kTaken,
            "a callback was refused");
    return true;
  }

  /// For threads that must not throw.
  static void Require(bool is_so, const char* otherwise) {
    if (is_so) return;
    std::fprintf(stderr, "bench-spool: %s\n", otherwise);
    std::_Exit(1);
  }

  ingest::CallbackSink& storage_;
  bool are_threads_ = false;
  std::vector<Waiter> waiters_;
  std::mutex mutex_;  ///< Guards the next members, and `since`.
  std::condition_variable ended_;
  bool has_ended_ = false;
  std::size_t waiting_ = 0;
  std::size_t reports_ = 0;
  std::size_t callbacks_ = 0;
  bench::Pace pace_;
  bench::LoadWindow window_;
};

/// Stands for an unavailable Kafka, so that every callback goes to the spool.
class Away final : public ingest::CallbackSink {
  ingest::Offered Offer(CallbackNumber /*number*/, Envelope /*envelope*/) override {
    return ingest::Offered::kAway;
  }
};

class SpoolAsSink final : public ingest::CallbackSink {
 public:
  explicit SpoolAsSink(ingest::Spool& spool) : spool_(spool) {}
  ingest::Offered Offer(CallbackNumber number, Envelope envelope) override {
    return spool_.Offer(number, std::move(envelope));
  }

 private:
  ingest::Spool& spool_;
};

struct Load {
  bool as_threads = false;
  std::size_t waiters = 0;
  double seconds = 0;
};
std::string Measure(Waiters& waiters, const Load& load) {
  return load.as_threads ? waiters.RunAsThreads() : waiters.RunAsReports();
}

template <typename Storage>
std::string MeasureBare(const std::string& path, const Load& load) {
  Storage storage(path);
  Waiters waiters(storage, load.waiters, load.seconds);
  storage.Start(waiters);
  return Measure(waiters, load);
}

std::string MeasureSpool(const std::string& path, const Load& load) {
  const common::Logger log("bench-spool", common::Logger::Sink{[](std::string_view) {}});
  const common::ProviderTable providers;
  prometheus::Registry registry;
  ingest::Events events(providers, registry, log);
  Away kafka;
  ingest::SqliteSpool::Options options{
      .database = {.path = path},
      .bounds = {.max_bytes = std::size_t{8} << 30U, .min_free_disk = std::size_t{64} << 20U},
      .queue = {},
      .free_disk = ingest::FreeDiskAt(path)};
  const auto spool = std::make_unique<ingest::SqliteSpool>(std::move(options), providers, events);
  SpoolAsSink sink(*spool);
  Waiters waiters(sink, load.waiters, load.seconds);
  spool->Start(waiters, kafka, [] { return 1; });
  while (!spool->HasRoom()) std::this_thread::yield();  // Its own thread opens the file.
  std::string result = Measure(waiters, load);
  spool->Close(common::Deadline::After(std::chrono::seconds(10)));
  return result;
}

template <typename Value>
Value Must(common::Result<Value> result) {
  if (!result) throw std::runtime_error(result.error().detail);
  if constexpr (!std::is_void_v<Value>) return *std::move(result);
}

std::string Fill(const std::string& path, std::uint64_t rows) {
  constexpr std::uint64_t kAtOnce = 10'000;
  constexpr std::uint64_t kOfAProcess = 3;
  const auto begun = Clock::now();
  const auto database = Must(ingest::SpoolDatabase::Open({.path = path}));
  Must(database->SettleLog());
  std::vector<ingest::SpooledCallback> callbacks;
  for (std::uint64_t n = 1; n <= rows; ++n) {
    ingest::SpooledCallback& callback = callbacks.emplace_back();
    callback.sequence = static_cast<std::int64_t>(n);
    callback.envelope = EnvelopeOf(n / kOfAProcess);
    callback.size = ingest::SizeInSpool(callback.envelope);
    if (callbacks.size() < kAtOnce && n < rows) continue;
    Must(database->Append(callbacks));
    Must(database->ShortenLog());
    callbacks.clear();
  }
  Must(database->SettleLog());
  const double seconds = std::chrono::duration<double>(Clock::now() - begun).count();
  const auto mib = static_cast<double>(std::filesystem::file_size(path)) / 1'048'576;
  return "{\"mib\":" + std::to_string(mib) +
         ",\"per_s\":" + std::to_string(static_cast<double>(rows) / seconds) + "}";
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 4 && std::string_view(argv[1]) == "fill") {
    try {
      std::printf("%s\n", Fill(argv[2], bench::NumberOf(argv[3])).c_str());
      return 0;
    } catch (const std::exception& error) {
      std::fprintf(stderr, "bench-spool: %s\n", error.what());
      return 1;
    }
  }
  const std::string_view kind = argc == 6 ? argv[1] : "";
  if (kind != "spool" && kind != "sqlite" && kind != "log") {
    std::fputs(
        "usage: bench-spool spool|sqlite|log DIRECTORY threads|none WAITERS SECONDS\n"
        "       bench-spool fill FILE ROWS\n",
        stderr);
    return 2;
  }
  try {
    const std::string path = std::string(argv[2]) + "/bench-spool";
    const Load load{.as_threads = std::string_view(argv[3]) == "threads",
                    .waiters = bench::NumberOf(argv[4]),
                    .seconds = std::atof(argv[5])};
    const auto measure = kind == "log"      ? MeasureBare<bench::BareLog>
                         : kind == "sqlite" ? MeasureBare<bench::BareSqlite>
                                            : MeasureSpool;
    std::printf("%s\n", measure(path, load).c_str());
    for (const char* suffix : {"", "-wal", "-shm"}) std::filesystem::remove(path + suffix);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench-spool: %s\n", error.what());
    return 1;
  }
}
