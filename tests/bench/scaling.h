#pragma once

#include <string>
#include <vector>

#include "tests/bench/callback_loads.h"
#include "tests/bench/consuming.h"

// One point of a curve of the section `scale`, and the rows of a curve.
namespace bench {

/// "scale_keys_1000"
[[nodiscard]] std::string SeriesOf(const std::string& name, const std::string& kind, int value);

/// Redeliveries that meet idle consumers, all at once.
struct Redeliveries {
  int keys = 100'000;
  int partitions = 12;
  int instances = 1;
  int bytes = 256;
};

/// Samples µs of CPU for each redelivery: `series` of all consumers together, raw_SERIES of
/// librdkafka alone.
void MeasureRedeliveries(Bench& bench, const Surroundings& surroundings, const std::string& series,
                         const Redeliveries& load);

struct IngestLoad {
  int partitions = 12;
  int instances = 1;
  int rate = 500;        ///< Of each instance, per second.
  bool has_raw = false;  ///< librdkafka alone is measured, too.
};

/// Samples µs of CPU for each callback: `series` of an instance, raw_SERIES of librdkafka alone.
[[nodiscard]] CallbackLoads::Verdict MeasureIngestLoad(Bench& bench, const std::string& series,
                                                       const IngestLoad& load);

/// A row for each value, compared with the first one.
void ReportGrowth(Bench& bench, const std::string& figure, const std::string& name,
                  const std::string& kind, const std::vector<int>& values, const std::string& goal);
/// The same of raw_SERIES, without a row for the first value.
void ReportRawGrowth(Bench& bench, const std::string& figure, const std::string& name,
                     const std::string& kind, const std::vector<int>& values);

}  // namespace bench
