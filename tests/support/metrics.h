#pragma once

#include <set>
#include <string>

namespace prometheus {
class Registry;
}

namespace tests {

/// "sluice_ingest_answers_total counter provider status" for each family, sorted, one a line.
[[nodiscard]] std::string ListMetrics(const prometheus::Registry& registry);

/// The value of the series with exactly these label values; a histogram's count; -1: there is none.
[[nodiscard]] double MetricValue(const prometheus::Registry& registry, const std::string& family,
                                 const std::set<std::string>& label_values = {});

}  // namespace tests
