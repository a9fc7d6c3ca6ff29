#pragma once

#include <set>
#include <string>

namespace prometheus {
class Registry;
}

namespace tests {

/// One line per family, sorted: "sluice_ingest_answers_total counter provider status".
[[nodiscard]] std::string ListMetrics(const prometheus::Registry& registry);

/// The value of the series with exactly these label values, or a histogram's count; -1 if absent.
[[nodiscard]] double MetricValue(const prometheus::Registry& registry, const std::string& family,
                                 const std::set<std::string>& label_values = {});

}  // namespace tests
