#include "tests/support/metrics.h"

#include <prometheus/registry.h>

namespace tests {
namespace {

std::string TypeName(prometheus::MetricType type) {
  switch (type) {
    case prometheus::MetricType::Counter:
      return "counter";
    case prometheus::MetricType::Gauge:
      return "gauge";
    case prometheus::MetricType::Histogram:
      return "histogram";
    default:
      return "other";
  }
}

double ValueOf(const prometheus::ClientMetric& metric, prometheus::MetricType type) {
  if (type == prometheus::MetricType::Counter) return metric.counter.value;
  if (type == prometheus::MetricType::Gauge) return metric.gauge.value;
  return static_cast<double>(metric.histogram.sample_count);
}

}  // namespace

std::string ListMetrics(const prometheus::Registry& registry) {
  std::set<std::string> lines;
  for (const prometheus::MetricFamily& family : registry.Collect()) {
    std::set<std::string> labels;
    for (const prometheus::ClientMetric& metric : family.metric) {
      for (const auto& label : metric.label) labels.insert(label.name);
    }
    std::string line = family.name + " " + TypeName(family.type);
    for (const std::string& label : labels) line += " " + label;
    lines.insert(line);
  }
  std::string list;
  for (const std::string& line : lines) list += line + "\n";
  return list;
}

double MetricValue(const prometheus::Registry& registry, const std::string& family,
                   const std::set<std::string>& label_values) {
  for (const prometheus::MetricFamily& candidate : registry.Collect()) {
    if (candidate.name != family) continue;
    for (const prometheus::ClientMetric& metric : candidate.metric) {
      std::set<std::string> found;
      for (const auto& label : metric.label) found.insert(label.value);
      if (found == label_values) return ValueOf(metric, candidate.type);
    }
  }
  return -1;
}

}  // namespace tests
