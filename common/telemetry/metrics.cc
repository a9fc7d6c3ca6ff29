#include "common/telemetry/metrics.h"

#include <cstdlib>
#include <map>
#include <type_traits>

namespace common {
namespace {

using Boundaries = prometheus::Histogram::BucketBoundaries;

template <typename Metric>
auto& FamilyOf(prometheus::Registry& registry, const MetricName& metric) {
  const auto build = [&](auto builder) -> auto& {
    return builder.Name(metric.name).Help(metric.help).Register(registry);
  };
  if constexpr (std::is_same_v<Metric, prometheus::Counter>) {
    return build(prometheus::BuildCounter());
  } else if constexpr (std::is_same_v<Metric, prometheus::Gauge>) {
    return build(prometheus::BuildGauge());
  } else {
    return build(prometheus::BuildHistogram());
  }
}

using Labels = std::map<std::string, std::string>;

template <typename Metric>
Metric& AddChild(prometheus::Family<Metric>& family, const Labels& labels,
                 const Boundaries& boundaries) {
  if constexpr (std::is_same_v<Metric, prometheus::Histogram>) {
    return family.Add(labels, boundaries);
  } else {
    return family.Add(labels);
  }
}

}  // namespace

namespace buckets {

const Boundaries& Seconds() {
  static const Boundaries seconds = {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1,
                                     0.25,  0.5,    1,     2.5,  5,     8.5,  10};
  return seconds;
}

const Boundaries& EndToEndSeconds() {
  static const Boundaries seconds = {0.1, 0.25, 0.5, 1,    2.5,  5,      10,    30,
                                     60,  300,  900, 3600, 7200, 21'600, 86'400};
  return seconds;
}

}  // namespace buckets

prometheus::Counter& AddCounter(prometheus::Registry& registry, const MetricName& metric) {
  return FamilyOf<prometheus::Counter>(registry, metric).Add({});
}

prometheus::Gauge& AddGauge(prometheus::Registry& registry, const MetricName& metric) {
  return FamilyOf<prometheus::Gauge>(registry, metric).Add({});
}

prometheus::Histogram& AddHistogram(prometheus::Registry& registry, const MetricName& metric,
                                    const Boundaries& boundaries) {
  return FamilyOf<prometheus::Histogram>(registry, metric).Add({}, boundaries);
}

OptionalGauges::OptionalGauges(prometheus::Registry& registry, const MetricName& metric)
    : family_(FamilyOf<prometheus::Gauge>(registry, metric)), children_(1) {}

OptionalGauges::OptionalGauges(prometheus::Registry& registry, const MetricName& metric,
                               const Label& label)
    : family_(FamilyOf<prometheus::Gauge>(registry, metric)) {
  for (const std::string& value : label.values) children_.push_back({{{label.name, value}}});
}

void OptionalGauges::Set(std::size_t position, std::optional<double> value) {
  if (position >= children_.size()) std::abort();
  const std::lock_guard lock(mutex_);
  Child& child = children_[position];
  if (value) {
    if (child.gauge == nullptr) child.gauge = &family_.Add(child.labels);
    child.gauge->Set(*value);
  } else if (child.gauge != nullptr) {
    family_.Remove(child.gauge);
    child.gauge = nullptr;
  }
}

template <typename Metric>
ByLabels<Metric>::ByLabels(prometheus::Registry& registry, const MetricName& metric,
                           const std::vector<Label>& labels, const Boundaries& boundaries) {
  if (labels.empty() || labels.size() > 2) std::abort();
  auto& family = FamilyOf<Metric>(registry, metric);
  if (labels.size() == 2) columns_ = labels[1].values.size();
  for (const std::string& first : labels[0].values) {
    for (std::size_t column = 0; column < columns_; ++column) {
      Labels names = {{labels[0].name, first}};
      if (labels.size() == 2) names.emplace(labels[1].name, labels[1].values[column]);
      children_.push_back(&AddChild(family, names, boundaries));
    }
  }
}

template <typename Metric>
Metric& ByLabels<Metric>::At(std::size_t first, std::size_t second) const {
  const std::size_t position = first * columns_ + second;
  if (second >= columns_ || position >= children_.size()) std::abort();
  return *children_[position];
}

template class ByLabels<prometheus::Counter>;
template class ByLabels<prometheus::Gauge>;
template class ByLabels<prometheus::Histogram>;

}  // namespace common
