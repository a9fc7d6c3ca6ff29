#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>

#include "ops/simulator/delivery_plan.h"
#include "ops/simulator/latency_histogram.h"

namespace simulator {

/// What the answers of a run were, and the line that a run ends with.
class DeliveryReport {
 public:
  /// `status` is 0 if no answer came; such a delivery has no latency.
  void Count(int status, LatencyHistogram::Duration latency);

  /// {"seed":…,"callbacks":…,"attempts":…,"acknowledged":…,"lost":…,"unfinished":…,"penalties":…,
  ///  "duplicates":…,"statuses":{"200":…,"none":…},"providers":{"onfido":{…},…},
  ///  "latency_ms":{"p50":…,"p99":…,"max":…},"duration_s":…}
  [[nodiscard]] std::string ToJson(const DeliveryPlan& plan, std::uint64_t seed,
                                   std::chrono::duration<double> duration) const;

 private:
  std::map<int, std::uint64_t> statuses_;
  LatencyHistogram latencies_;
};

/// A line of the ids file: provider dossierId processId status acknowledged attempts, with spaces
/// between them; acknowledged is yes or no.
[[nodiscard]] std::string IdsLine(const SyntheticCallback& callback,
                                  const DeliveryPlan::Fate& fate);

}  // namespace simulator
