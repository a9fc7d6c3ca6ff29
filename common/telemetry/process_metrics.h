#pragma once

#include <prometheus/collectable.h>
#include <prometheus/metric_family.h>

#include <optional>
#include <vector>

namespace common {

/// CPU, memory, descriptors and start of this process, read at each scrape. What cannot be read is
/// absent. Names and meanings: Prometheus, "Writing client libraries", "Standard and runtime
/// collectors".
///
/// Threads: any.
class ProcessMetrics final : public prometheus::Collectable {
 public:
  ProcessMetrics();

  [[nodiscard]] std::vector<prometheus::MetricFamily> Collect() const override;

 private:
  std::optional<double> started_at_;  ///< Seconds since 1970. Read once: the clock may be set.
};

}  // namespace common
