#pragma once

#include <string>
#include <vector>

#include "tests/bench/callback_loads.h"
#include "tests/bench/consuming.h"

// The points of a curve in the section `scale`, and its rows.
namespace bench {

/// "scale_keys_1000"
[[nodiscard]] std::string SeriesOf(const std::string& name, const std::string& kind, int value);

/// Redeliveries that all arrive at once, at idle consumers.
struct Redeliveries {
  int keys = 100'000;
  int partitions = 12;
  int instances = 1;
  int bytes = 256;
};

/// Samples the CPU time per redelivery in µs: `series` for all consumers together, raw_SERIES for
/// librdkafka alone.
void MeasureRedeliveries(Bench& bench, const BenchApi& api, const std::string& series,
                         const Redeliveries& load);

struct IngestLoad {
  int partitions = 12;
  int instances = 1;
  int rate = 500;        ///< Callbacks per second and instance.
  bool has_raw = false;  ///< True: librdkafka alone is measured as well.
};

/// Samples the CPU time per callback in µs: `series` for one instance, raw_SERIES for librdkafka.
[[nodiscard]] CallbackLoads::Verified MeasureIngestLoad(Bench& bench, const std::string& series,
                                                        const IngestLoad& load);

/// Adds a row for each value, compared with the first value.
void ReportGrowth(Bench& bench, const std::string& figure, const std::string& name,
                  const std::string& kind, const std::vector<int>& values, const std::string& goal);
/// The same for raw_SERIES, without a row for the first value.
void ReportRawGrowth(Bench& bench, const std::string& figure, const std::string& name,
                     const std::string& kind, const std::vector<int>& values);

}  // namespace bench
