#include "tests/bench/scaling.h"

#include "ops/bench/measuring.h"
#include "tests/support/kafka_client.h"

namespace bench {
namespace {

using Consumers = std::vector<std::unique_ptr<MeasuredConsumer>>;

constexpr double kMicros = 1e6;

int CountOf(const Redeliveries& load, const Options& options) {
  constexpr int kLarge = 4'096;
  if (load.bytes > kLarge) return 20'000;
  return load.instances * (options.IsShort() ? 50'000 : 200'000);
}

Consumers StartConsumers(Bench& bench, const MeasuredTopics& topics, const std::string& api_url,
                         int count) {
  Consumers consumers;
  for (int i = 0; i < count; ++i) {
    consumers.push_back(std::make_unique<MeasuredConsumer>(
        bench, topics, api_url, MeasuredConsumer::Plan{.group = "sluice"}));
  }
  for (const auto& consumer : consumers) consumer->AwaitInGroup();
  return consumers;
}

double CpuSecondsOf(const Consumers& consumers) {
  double sum = 0;
  for (const auto& consumer : consumers) sum += CpuSecondsOfProcess(consumer->pid());
  return sum;
}

using Ingests = std::vector<std::unique_ptr<MeasuredIngest>>;

/// Returns warm instances.
Ingests StartIngests(Bench& bench, CallbackLoads& loads, const std::string& series,
                     const Target& target, const IngestLoad& load) {
  Ingests ingests;
  for (int i = 0; i < load.instances; ++i) {
    const std::string name = "ingest.scale." + bench.NextLoad();
    ingests.push_back(std::make_unique<MeasuredIngest>(bench, name, target));
    loads.MeasureCallbacks(series + ".warm-up", *ingests.back(), 1,
                           {"--connections", "16", "--rate", std::to_string(load.rate)});
  }
  return ingests;
}

/// Loads all instances at the same time. Returns the mean of their CPU time per callback, in µs.
double LoadIngests(Bench& bench, CallbackLoads& loads, const std::string& series,
                   const Ingests& ingests, int rate) {
  std::vector<std::unique_ptr<tests::Process>> running;
  for (const auto& ingest : ingests) {
    running.push_back(loads.BeginCallbacks(
        *ingest, bench.seconds(), {"--connections", "16", "--rate", std::to_string(rate)}));
  }
  double sum = 0;
  for (std::size_t i = 0; i < running.size(); ++i) {
    const std::string own = series + "." + std::to_string(i);
    bench.CollectFrom(own, *running[i]);
    sum += bench.samples().Last(own + ".cpu_us");
  }
  return sum / static_cast<double>(running.size());
}

}  // namespace

std::string SeriesOf(const std::string& name, const std::string& kind, int value) {
  return name + "_" + kind + "_" + std::to_string(value);
}

void MeasureRedeliveries(Bench& bench, const BenchApi& api, const std::string& series,
                         const Redeliveries& load) {
  const int count = CountOf(load, bench.options());
  const std::string n = std::to_string(count);
  const std::string keys = std::to_string(load.keys);
  const MeasuredTopics topics(bench, load.partitions);
  topics.Do("markers", {keys, std::to_string(load.partitions)});
  {
    const Consumers consumers = StartConsumers(bench, topics, api.url(), load.instances);
    std::vector<std::string> watched;
    for (const auto& consumer : consumers) watched.push_back(consumer->watched());
    const double before = CpuSecondsOf(consumers);
    topics.Do("produce", {n, keys, std::to_string(load.bytes)});
    (void)Watch(bench, count, watched);
    bench.samples().Add(series, (CpuSecondsOf(consumers) - before) / count * kMicros);
  }
  topics.Do("results", {"0"});
  const auto raw = topics.Measure("consume", {"callbacks", n});
  bench.samples().Add("raw_" + series, raw[1] / count * kMicros);
}

CallbackLoads::Verified MeasureIngestLoad(Bench& bench, const std::string& series,
                                          const IngestLoad& load) {
  const std::string prefix = tests::UniqueName("bench") + ".scale.";
  const Target target{bench.broker().bootstrap(), prefix + "callbacks"};
  CreateTopics(bench, target.bootstrap, prefix, load.partitions);
  CallbackLoads loads(bench, "scale." + bench.NextLoad(), target);
  {
    const Ingests ingests = StartIngests(bench, loads, series, target, load);
    bench.samples().Add(series, LoadIngests(bench, loads, series, ingests, load.rate));
  }
  if (load.has_raw) {
    loads.MeasureProduced(series + ".raw", bench.seconds(),
                          {"--rate", std::to_string(load.rate), "--turn-ms", "1"});
    bench.samples().Add("raw_" + series, bench.samples().Last(series + ".raw.cpu_us"));
  }
  return loads.Verify();
}

void ReportGrowth(Bench& bench, const std::string& figure, const std::string& name,
                  const std::string& kind, const std::vector<int>& values,
                  const std::string& goal) {
  const std::string smallest = std::to_string(values.front()) + " " + kind;
  const std::string first = SeriesOf(name, kind, values.front());
  bench.Report(figure + ", " + smallest, "µs", first);
  for (std::size_t i = 1; i < values.size(); ++i) {
    bench.Report("… " + std::to_string(values[i]) + " " + kind, "µs",
                 SeriesOf(name, kind, values[i]), {smallest, first, goal});
  }
}

void ReportRawGrowth(Bench& bench, const std::string& figure, const std::string& name,
                     const std::string& kind, const std::vector<int>& values) {
  const std::string first = "raw_" + SeriesOf(name, kind, values.front());
  for (std::size_t i = 1; i < values.size(); ++i) {
    bench.Report(figure + ", " + std::to_string(values[i]) + " " + kind, "µs",
                 "raw_" + SeriesOf(name, kind, values[i]),
                 {std::to_string(values.front()) + " " + kind, first});
  }
}

}  // namespace bench
