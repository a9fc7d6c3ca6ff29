// What a callback costs at rates of real traffic: CPU time of the program and of the broker.
// ingest: from the request to the acknowledged record. The connections are more than the callbacks
// that wait at a time, so that the load is open: none of them waits for a connection.
// consumer: from the record to the committed result, by commit_interval. Time counts from producing
// the callback to reading its result (read_committed); the broker's CPU includes both.
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
  loads.TakeCallbacks(series + ".warm-up", ingest, 1.5, load);
  bench.EachRound([&] {
    const double before = CpuSecondsOfBroker(bench);
    loads.TakeCallbacks(series, ingest, bench.seconds(), load);
    bench.samples().Add(
        series + ".broker_cpu",
        (CpuSecondsOfBroker(bench) - before) / bench.samples().Last(series + ".done") * kMicros);
  });
  const std::string on = ", " + rate + "/s, " + std::to_string(partitions) + " partitions";
  bench.Report("ingest, CPU for a callback" + on, "µs", series + ".cpu_us");
  bench.Report("… CPU of the broker for it", "µs", series + ".broker_cpu");
  bench.Report("… answered within, 99 %", "ms", series + ".p99_ms");
  const CallbackLoads::Verdict verdict = loads.Verify();
  if (verdict.missing != 0) {
    throw std::runtime_error(std::to_string(verdict.missing) + " of " +
                             std::to_string(verdict.acknowledged) +
                             " acknowledged callbacks are not on the topic");
  }
}

void MeasureConsumerAt(Bench& bench, int rate, const std::vector<std::string>& intervals) {
  const int duration = bench.options().IsShort() ? 3 : 10;
  const std::string series = "cost.consumer." + std::to_string(rate) + ".";
  const BenchApi api(bench, "0");
  const MeasuredTopics topics(bench, 12);
  bench.EachRound([&] {
    for (const std::string& interval : intervals) {
      const MeasuredConsumer consumer(
          bench, topics, api.url(),
          {.group = "sluice", .line = "commit_interval: " + interval + "ms"});
      consumer.AwaitInGroup();
      const double of_consumer = CpuSecondsOfProcess(consumer.pid());
      const double of_broker = CpuSecondsOfBroker(bench);
      const auto figures =
          topics.Measure("latency", {std::to_string(rate), std::to_string(duration)});
      const double micros_per_result = kMicros / (rate * duration);
      Samples& samples = bench.samples();
      samples.Add(series + interval + ".median", figures[0]);
      samples.Add(series + interval + ".p99", figures[1]);
      samples.Add(series + interval + ".cpu",
                  (CpuSecondsOfProcess(consumer.pid()) - of_consumer) * micros_per_result);
      samples.Add(series + interval + ".broker_cpu",
                  (CpuSecondsOfBroker(bench) - of_broker) * micros_per_result);
    }
  });
  for (const std::string& interval : intervals) {
    bench.Report("consumer, CPU for a result, " + std::to_string(rate) + "/s, commit_interval " +
                     interval + " ms",
                 "µs", series + interval + ".cpu");
    bench.Report("… CPU of the broker for it", "µs", series + interval + ".broker_cpu");
    bench.Report("… callback to result, median", "ms", series + interval + ".median");
    bench.Report("… 99 % within", "ms", series + interval + ".p99");
  }
}

}  // namespace

void MeasureCost(Bench& bench) {
  for (const int partitions : {12, 48}) {
    for (const char* rate : {"1000", "5000"}) MeasureIngestAt(bench, partitions, rate);
    if (bench.options().smoke) break;
  }
  MeasureConsumerAt(bench, 100, {"100", "250", "500", "1000"});
  if (!bench.options().smoke) MeasureConsumerAt(bench, 500, {"100", "500"});
}

}  // namespace bench
