// Measures the cost of a callback at rates of real traffic: CPU time of program and broker.
// ingest: from the request to the acknowledged record. The connections are more than the callbacks
// that wait at a time, so that the load is open: none of them waits for a connection.
// consumer: from the record to the committed result, by commit_interval, and beside the same with
// librdkafka and libcurl alone. Time counts from producing the callback to reading its result
// (read_committed); the broker's CPU includes both.
#include <stdexcept>

#include "ops/bench/measuring.h"
#include "tests/bench/callback_loads.h"
#include "tests/bench/consuming.h"
#include "tests/bench/sections.h"
#include "tests/support/kafka_client.h"

namespace bench {
namespace {

constexpr double kMicros = 1e6;

void MeasureIngestAt(Bench& bench, int partitions, const std::string& rate) {
  const std::string series = "cost.ingest." + std::to_string(partitions) + "." + rate;
  const std::string prefix = tests::UniqueName("cost") + ".";
  CreateTopics(bench, bench.broker().bootstrap(), prefix, partitions);
  const Target target{.bootstrap = bench.broker().bootstrap(), .topic = prefix + "callbacks"};
  const MeasuredIngest ingest(bench, series, target);
  CallbackLoads loads(bench, series, target);
  const CallbackLoads::Arguments load{"--connections", "512", "--rate", rate};
  loads.MeasureCallbacks(series + ".warm-up", ingest, 1.5, load);
  bench.EachRound([&] {
    const double before = CpuSecondsOfBroker(bench);
    loads.MeasureCallbacks(series, ingest, bench.seconds(), load);
    bench.samples().Add(
        series + ".broker_cpu",
        (CpuSecondsOfBroker(bench) - before) / bench.samples().Last(series + ".done") * kMicros);
  });
  const std::string on = ", " + rate + "/s, " + std::to_string(partitions) + " partitions";
  bench.Report("ingest, CPU for a callback" + on, "µs", series + ".cpu_us");
  bench.Report("… CPU of the broker for it", "µs", series + ".broker_cpu");
  bench.Report("… answered within, 99 %", "ms", series + ".p99_ms");
  const CallbackLoads::Verified verdict = loads.Verify();
  if (verdict.missing != 0) {
    throw std::runtime_error(std::to_string(verdict.missing) + " of " +
                             std::to_string(verdict.acknowledged) +
                             " acknowledged callbacks are not on the topic");
  }
}

constexpr const char* kUsualInterval = "500";  ///< Of consumer, in ms.

/// Callbacks at a fixed rate.
struct Load {
  int rate = 0;  ///< Callbacks per second.
  int seconds = 0;
};

/// Adds median, 99th percentile and CPU time for each result to the series.
void TakeResults(Bench& bench, const MeasuredTopics& topics, const Load& load, pid_t measured,
                 const std::string& series) {
  const double of_program = CpuSecondsOfProcess(measured);
  const double of_broker = CpuSecondsOfBroker(bench);
  const auto figures =
      topics.Measure("latency", {std::to_string(load.rate), std::to_string(load.seconds)});
  const double micros_per_result = kMicros / (load.rate * load.seconds);
  Samples& samples = bench.samples();
  samples.Add(series + ".median", figures[0]);
  samples.Add(series + ".p99", figures[1]);
  samples.Add(series + ".cpu", (CpuSecondsOfProcess(measured) - of_program) * micros_per_result);
  samples.Add(series + ".broker_cpu", (CpuSecondsOfBroker(bench) - of_broker) * micros_per_result);
}

/// The same with librdkafka and libcurl alone, on topics of their own.
void TakeBareResults(Bench& bench, const std::string& api, const Load& load,
                     const std::string& series) {
  const MeasuredTopics topics(bench, 12);
  const auto bare = bench.Start("results-" + bench.NextLoad(), "bench-results",
                                {bench.broker().bootstrap(), topics.prefix(), api, kUsualInterval});
  (void)Bench::AwaitNumber(*bare, "started");
  TakeResults(bench, topics, load, bare->pid(), series);
  (void)bare->Terminate(std::chrono::seconds(10));
}

void MeasureConsumerAt(Bench& bench, int rate, const std::vector<std::string>& intervals) {
  const Load load{.rate = rate, .seconds = bench.options().IsShort() ? 3 : 10};
  const std::string series = "cost.consumer." + std::to_string(rate) + ".";
  const BenchApi api(bench, "0");
  const MeasuredTopics topics(bench, 12);
  bench.EachRound([&] {
    for (const std::string& interval : intervals) {
      const MeasuredConsumer consumer(
          bench, topics, api.url(),
          {.group = "sluice", .line = "commit_interval: " + interval + "ms"});
      consumer.AwaitInGroup();
      TakeResults(bench, topics, load, consumer.pid(), series + interval);
    }
    TakeBareResults(bench, api.url(), load, series + "bare");
  });
  for (const std::string& interval : intervals) {
    const auto report = [&](const std::string& figure, const char* unit, const char* of) {
      const std::string measured = series + interval + of;
      if (interval == kUsualInterval) {
        bench.Report(figure, unit, measured,
                     {"librdkafka and libcurl alone", series + "bare" + of});
      } else {
        bench.Report(figure, unit, measured);
      }
    };
    report("consumer, CPU for a result, " + std::to_string(rate) + "/s, commit_interval " +
               interval + " ms",
           "µs", ".cpu");
    report("… CPU of the broker for it", "µs", ".broker_cpu");
    report("… callback to result, median", "ms", ".median");
    report("… 99 % within", "ms", ".p99");
  }
}

}  // namespace

void MeasureCost(Bench& bench) {
  for (const int partitions : {12, 48}) {
    for (const char* rate : {"1000", "5000"}) MeasureIngestAt(bench, partitions, rate);
    if (bench.options().smoke) break;
  }
  if (!bench.options().smoke) MeasureConsumerAt(bench, 10, {kUsualInterval});
  MeasureConsumerAt(bench, 100, {"100", "250", kUsualInterval, "1000"});
  if (bench.options().smoke) return;
  MeasureConsumerAt(bench, 500, {"100", kUsualInterval});
  MeasureConsumerAt(bench, 1'000, {kUsualInterval});
}

}  // namespace bench
