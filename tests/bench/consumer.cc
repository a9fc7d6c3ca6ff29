// Duplicates: every callback of a backlog has its marker; each round reads the backlog in a new
// group. "Raw consume" looks at nothing in a record. "Reading alone" finds out the identity of each
// record, from headers and body, but looks nothing up.
// Fetches: every callback is new. Each round has new topics, and afterwards each callback must have
// exactly one result. libcurl alone fetches the same from the same server.
#include "tests/bench/consuming.h"
#include "tests/bench/sections.h"

namespace bench {
namespace {

constexpr double kMicros = 1e6;

void ReportDuplicates(Bench& bench) {
  bench.Report("duplicates skipped", "1/s", "skip_1", {"raw consume", "raw_read", ">= 0.7"});
  bench.Report("… CPU", "µs", "skip_cpu_1", {"raw consume", "raw_read_cpu"});
  bench.Report("duplicates skipped, beside a loop that reads them", "1/s", "skip_1",
               {"reading alone", "raw_facts"});
  bench.Report("… CPU", "µs", "skip_cpu_1", {"reading alone", "raw_facts_cpu"});
  bench.Report("duplicates skipped with two lanes", "1/s", "skip_2", {"raw consume", "raw_read"});
  bench.Report("… CPU", "µs", "skip_cpu_2", {"raw consume", "raw_read_cpu"});
}

void MeasureDuplicates(Bench& bench, int count) {
  const BenchApi api(bench, "0");
  const MeasuredTopics topics(bench, 12);
  const std::string n = std::to_string(count);
  topics.Do("markers", {n, "12"});
  topics.Do("produce", {n, n, "256"});
  const auto read = [&](const std::string& series, const std::vector<double>& figures) {
    bench.samples().Add(series, count / figures[0]);
    bench.samples().Add(series + "_cpu", figures[1] / count * kMicros);
  };
  bench.EachRound([&] {
    read("raw_read", topics.Measure("consume", {"callbacks", n}));
    // librdkafka pauses for up to a second once its queue is full; consumer avoids that.
    read("raw_facts", topics.Measure("read", {"callbacks", n, "queued.min.messages=10000000",
                                              "queued.max.messages.kbytes=1000000"}));
    for (const std::string lanes : {"1", "2"}) {
      const MeasuredConsumer consumer(
          bench, topics, api.url(),
          {.group = "round-" + bench.NextLoad(), .line = "lanes: " + lanes});
      const Watched watched = Watch(bench, count, {consumer.watched()});
      bench.samples().Add("skip_" + lanes, watched.counted / watched.seconds);
      bench.samples().Add("skip_cpu_" + lanes, watched.cpu_seconds / watched.counted * kMicros);
    }
  });
  topics.Do("results", {"0"});
  ReportDuplicates(bench);
}

/// Measures one round: consumer, then libcurl alone.
void MeasureFetches(Bench& bench, BenchApi& api, const std::string& series, int count) {
  constexpr const char* kConcurrency = "64";
  const std::string n = std::to_string(count);
  const MeasuredTopics topics(bench, 12);
  topics.Do("produce", {n, n, "256"});
  Samples& samples = bench.samples();
  {
    const double before = api.CpuSecondsWithBroker();
    const MeasuredConsumer consumer(
        bench, topics, api.url(),
        {.group = "sluice", .line = std::string("fetch: { max_in_flight: ") + kConcurrency + " }"});
    const Watched watched = Watch(bench, count, {consumer.watched()});
    samples.Add(series, watched.counted / watched.seconds * 2);
    samples.Add(series + "_cpu", watched.cpu_seconds / watched.counted * kMicros);
    samples.Add(series + "_others_cpu", (api.CpuSecondsWithBroker() - before) / count * kMicros);
  }
  topics.Do("results", {n});
  const auto alone = bench.Figures("bench-fetches", {"fetch", api.url(), n, kConcurrency}, 2);
  samples.Add("raw_" + series, count / alone[0] * 2);
  samples.Add("raw_" + series + "_cpu", alone[1] / count * kMicros);
}

void MeasureFetches(Bench& bench, const std::string& series, const std::string& latency_ms,
                    int count) {
  BenchApi api(bench, latency_ms);
  bench.EachRound([&] { MeasureFetches(bench, api, series, count); });
  const std::string answered = latency_ms == "0" ? "at once" : "after " + latency_ms + " ms";
  bench.Report("fetches, 64 at a time, answered " + answered, "1/s", series,
               {"libcurl alone", "raw_" + series, ">= 0.8"});
  bench.Report("… CPU for a callback, published", "µs", series + "_cpu",
               {"libcurl alone", "raw_" + series + "_cpu"});
  bench.Report("… and what broker and API need for it", "µs", series + "_others_cpu");
}

}  // namespace

void MeasureConsumer(Bench& bench) {
  // Fewer would be skipped within one or two commits.
  MeasureDuplicates(bench, bench.options().smoke ? 200'000 : 1'000'000);
  const bool is_short = bench.options().IsShort();
  MeasureFetches(bench, "fetch", "0", is_short ? 4'000 : 20'000);
  MeasureFetches(bench, "slow", "20", is_short ? 4'000 : 10'000);
}

}  // namespace bench
