// The CPU cost of a redelivery in consumer as one quantity grows and the others stay fixed: 10^5
// keys, 12 partitions, one instance, 256 B. The consumers first idle with their tables restored;
// then all callbacks arrive at once, the same number per instance. The CPU is the sum over all
// instances, from before the first callback to after the last commit. A row's ratio refers to the
// smallest value of its kind. For partitions and sizes, the row below has the additional cost of
// raw consume.
//
// The cost of a callback in ingest: as instances grow, each with 500 callbacks a second on 16
// connections, so the load grows with them; and as partitions grow, one instance with 5000
// callbacks a second, beside librdkafka producing as many. Every acknowledged callback is looked
// for.
#include <algorithm>

#include "tests/bench/scaling.h"
#include "tests/bench/sections.h"

namespace bench {
namespace {

struct Growth {
  std::vector<int> keys{1'000, 10'000, 100'000, 1'000'000, 10'000'000};
  std::vector<int> partitions{12, 24, 48, 96};
  std::vector<int> instances{1, 2, 4, 8};
  std::vector<int> bytes{256, 1'024, 4'096, 16'384, 65'536};
};

Growth GrowthOf(const Options& options) {
  if (!options.IsShort()) return {};
  return {.keys = {1'000, 100'000},
          .partitions = {12, 48},
          .instances = {1, 4},
          .bytes = {256, 16'384}};
}

void MeasureConsumers(Bench& bench, const Growth& growth, int rounds) {
  const BenchApi api(bench, "0");
  const auto measure = [&](const std::string& kind, const std::vector<int>& values,
                           int Redeliveries::*grown, int partitions) {
    for (const int value : values) {
      Redeliveries load{.partitions = partitions};
      load.*grown = value;
      MeasureRedeliveries(bench, api, SeriesOf("scale", kind, value), load);
    }
  };
  for (int round = 0; round < rounds; ++round) {
    measure("keys", growth.keys, &Redeliveries::keys, 12);
    measure("partitions", growth.partitions, &Redeliveries::partitions, 12);
    measure("instances", growth.instances, &Redeliveries::instances, 24);
    measure("bytes", growth.bytes, &Redeliveries::bytes, 12);
  }
  const std::string figure = "redelivery, CPU";
  const std::string raw = "raw consume, CPU";
  ReportGrowth(bench, figure, "scale", "keys", growth.keys, "<= 1.15");
  ReportGrowth(bench, figure, "scale", "partitions", growth.partitions, "");
  ReportRawGrowth(bench, raw, "scale", "partitions", growth.partitions);
  ReportGrowth(bench, figure, "scale", "instances", growth.instances, "<= 1.15");
  ReportGrowth(bench, figure, "scale", "bytes", growth.bytes, "");
  ReportRawGrowth(bench, raw, "scale", "bytes", growth.bytes);
}

void MeasureIngests(Bench& bench, const Growth& growth, int rounds) {
  CallbackLoads::Verified all;
  const auto measure = [&](const std::string& kind, int value, const IngestLoad& load) {
    const auto verdict = MeasureIngestLoad(bench, SeriesOf("ingest_scale", kind, value), load);
    all.acknowledged += verdict.acknowledged;
    all.missing += verdict.missing;
  };
  for (int round = 0; round < rounds; ++round) {
    for (const int instances : growth.instances) {
      measure("instances", instances, {.partitions = 12, .instances = instances, .rate = 500});
    }
    for (const int partitions : growth.partitions) {
      measure("partitions", partitions,
              {.partitions = partitions, .instances = 1, .rate = 5'000, .has_raw = true});
    }
  }
  const std::string figure = "callback, CPU of ingest";
  ReportGrowth(bench, figure, "ingest_scale", "instances", growth.instances, "<= 1.15");
  ReportGrowth(bench, figure, "ingest_scale", "partitions", growth.partitions, "");
  ReportRawGrowth(bench, "librdkafka, CPU", "ingest_scale", "partitions", growth.partitions);
  const auto count = static_cast<double>(all.missing);
  bench.Add({.figure = "acknowledged, not on the topic",
             .unit = "of " + std::to_string(all.acknowledged),
             .spread = {count, count, count},
             .goal = "<= 0"});
}

}  // namespace

void MeasureScale(Bench& bench) {
  const Growth growth = GrowthOf(bench.options());
  const int rounds = std::min(2, bench.options().rounds);
  MeasureConsumers(bench, growth, rounds);
  MeasureIngests(bench, growth, rounds);
}

}  // namespace bench
