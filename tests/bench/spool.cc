// Callbacks synced to disk: ingest's spool beside a bare log on the same file system, and SQLite
// alone between both, with waiting threads and no other cost.
#include "tests/bench/sections.h"

namespace bench {
namespace {

void MeasureWaiters(Bench& bench, const std::string& kind, const std::string& waiters,
                    const std::string& text) {
  const std::string series = kind + "." + waiters;
  bench.EachRound([&] {
    for (const char* storage : {"spool", "sqlite", "log"}) {
      bench.Measure(std::string(storage) + "." + series, "bench-spool",
                    {storage, bench.directory().string(), kind, waiters, Text(bench.seconds())});
    }
  });
  const std::string spool = "spool." + series + ".";
  const std::string log = "log." + series + ".";
  const std::string sqlite = "sqlite." + series + ".";
  bench.Report("callbacks synced to disk, " + text, "/s", spool + "per_s",
               {"bare log", log + "per_s", series == "threads.64" ? ">= 0.8" : ""});
  bench.Report("  the same", "/s", spool + "per_s", {"bare SQLite", sqlite + "per_s"});
  bench.Report("  bare SQLite", "/s", sqlite + "per_s", {"bare log", log + "per_s"});
  bench.Report("  the wait of each, p50", "ms", spool + "p50_ms", {"bare log", log + "p50_ms"});
  bench.Report("  the wait of each, p99", "ms", spool + "p99_ms", {"bare log", log + "p99_ms"});
  bench.Report("  CPU for each", "µs", spool + "cpu_us", {"bare log", log + "cpu_us"});
  bench.Report("  stored at once", "callbacks", spool + "batch", {"bare log", log + "batch"});
}

}  // namespace

void MeasureSpool(Bench& bench) {
  for (const char* waiters : {"1", "64", "256"}) {
    MeasureWaiters(bench, "threads", waiters, std::string(waiters) + " threads waiting");
  }
  MeasureWaiters(bench, "none", "64", "64 at a time");
}

}  // namespace bench
