// Announced processes whose callbacks do not come. Watching: every callback is new, and nothing is
// announced. The consumer that watches for announced processes is measured beside the one that does
// not, in turns. Outstanding: every process is announced, no callback comes and none is due. Each
// round starts an instance anew. Due: the same, and all are due at once. All are finished, so that
// each is asked for once.
#include <stdexcept>

#include "ops/bench/measuring.h"
#include "tests/bench/consuming.h"
#include "tests/bench/sections.h"
#include "tests/support/wait_until.h"

namespace bench {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

constexpr double kMicros = 1e6;
constexpr const char* kWatching = "expected: {}";
constexpr seconds kReadLimit(300);

void MeasureWatching(Bench& bench, int count) {
  const BenchApi api(bench, "0");
  const std::string n = std::to_string(count);
  bench.EachRound([&] {
    for (const bool watches : {false, true}) {
      const MeasuredTopics topics(bench, 12);
      topics.Do("produce", {n, n, "256"});
      const MeasuredConsumer consumer(bench, topics, api.url(),
                                      {.group = "sluice", .line = watches ? kWatching : ""});
      const Watched watched = Watch(bench, count, {consumer.watched()});
      bench.samples().Add(watches ? "watching_cpu" : "not_watching_cpu",
                          watched.cpu_seconds / watched.counted * kMicros);
    }
  });
  bench.Report("CPU for a result, watching for announced processes", "µs", "watching_cpu",
               {"not watching", "not_watching_cpu"});
}

/// Waits until the consumer watches for at least so many processes.
void AwaitOutstanding(const MeasuredConsumer& consumer, int count) {
  const auto has_read_all = [&] {
    const auto metrics = consumer.Metrics();
    return metrics && metrics->Sum("sluice_consumer_expected") >= count;
  };
  if (!tests::WaitUntil(has_read_all, kReadLimit, milliseconds(20))) {
    throw std::runtime_error("not all announcements are read");
  }
}

double ResidentBytes(const MeasuredConsumer& consumer) {
  const auto metrics = consumer.Metrics();
  if (!metrics) throw std::runtime_error("a consumer does not answer");
  return metrics->Sum("process_resident_memory_bytes");
}

void MeasureOutstanding(Bench& bench, int count) {
  const BenchApi api(bench, "0");
  const MeasuredTopics none(bench, 12);
  const MeasuredTopics topics(bench, 12);
  topics.Do("announce", {std::to_string(count), "3600000"});
  Samples& samples = bench.samples();
  bench.EachRound([&] {
    double without = 0;
    {
      const MeasuredConsumer idle(bench, none, api.url(), {.group = "sluice", .line = kWatching});
      idle.AwaitInGroup();
      without = ResidentBytes(idle);
    }
    const MeasuredConsumer consumer(bench, topics, api.url(),
                                    {.group = "sluice", .line = kWatching});
    consumer.AwaitInGroup();
    const auto start = steady_clock::now();
    AwaitOutstanding(consumer, count);
    samples.Add("expected_read", SecondsSince(start));
    samples.Add("expected_resident", ResidentBytes(consumer) / (1 << 20));
    samples.Add("expected_bytes", (ResidentBytes(consumer) - without) / count);
  });
  const std::string outstanding = std::to_string(count) + " outstanding: ";
  bench.Report(outstanding + "read after a start, once restored", "s", "expected_read");
  bench.Report("… resident size of the instance", "MiB", "expected_resident");
  bench.Report("… of it for each process", "B", "expected_bytes");
}

void MeasureDue(Bench& bench, int count) {
  const BenchApi api(bench, "0");
  const int requests = bench.options().IsShort() ? 5 : 50;
  const MeasuredTopics topics(bench, 12);
  topics.Do("announce", {std::to_string(count), "1"});
  const MeasuredConsumer consumer(bench, topics, api.url(), {.group = "sluice", .line = kWatching});
  const auto asked = [&] {
    const auto metrics = consumer.Metrics();
    return metrics ? metrics->Sum("sluice_consumer_fetch_attempts_total", {{"resource", "process"}})
                   : 0;
  };
  // The first ones end before the last ones are read.
  AwaitOutstanding(consumer, count - count / 100);
  if (!tests::WaitUntil([&] { return asked() > 0; }, kReadLimit)) {
    throw std::runtime_error("nothing is asked for");
  }
  bench.EachRound([&] {
    const double before = asked();
    const auto start = steady_clock::now();
    static_cast<void>(tests::WaitUntil([&] { return asked() >= before + requests; }, seconds(60)));
    bench.samples().Add("expected_asked", (asked() - before) / SecondsSince(start));
  });
  bench.Report(std::to_string(count) + " due at once: requests of the API, allowed: 5", "1/s",
               "expected_asked");
}

}  // namespace

void MeasureExpected(Bench& bench) {
  const bool is_short = bench.options().IsShort();
  MeasureWatching(bench, is_short ? 4'000 : 20'000);
  const int outstanding = is_short ? 20'000 : 1'000'000;
  MeasureOutstanding(bench, outstanding);
  MeasureDue(bench, outstanding);
}

}  // namespace bench
