#pragma once

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace common {

/// One label of a family and every value it can have. Values come from closed sets, never from
/// input.
struct Label {
  std::string name;
  std::vector<std::string> values;
};

/// Name and help of a family, in the words of the interface.
struct MetricName {
  std::string name;
  std::string help;
};

namespace buckets {
/// 1 ms to 10 s: an answer, an ack, a commit, one HTTP attempt.
[[nodiscard]] const prometheus::Histogram::BucketBoundaries& Seconds();
/// 100 ms to 24 h: from received to published, outages included.
[[nodiscard]] const prometheus::Histogram::BucketBoundaries& EndToEndSeconds();
}  // namespace buckets

[[nodiscard]] prometheus::Counter& AddCounter(prometheus::Registry& registry,
                                              const MetricName& metric);
[[nodiscard]] prometheus::Gauge& AddGauge(prometheus::Registry& registry, const MetricName& metric);
[[nodiscard]] prometheus::Histogram& AddHistogram(
    prometheus::Registry& registry, const MetricName& metric,
    const prometheus::Histogram::BucketBoundaries& boundaries = buckets::Seconds());

/// Every child of a family, made at the start: a hot path finds its child by position, and a
/// series is there with 0 before anything has happened.
///
///   CounterByLabels answers(registry, {"…_total", "…"}, {{"provider", names}, {"status", codes}});
///   answers.At(provider, 2).Increment();
///
/// Threads: At() from any; prometheus-cpp's children are thread-safe.
template <typename Metric>
class ByLabels {
 public:
  /// At most two labels.
  ByLabels(prometheus::Registry& registry, const MetricName& metric,
           const std::vector<Label>& labels,
           const prometheus::Histogram::BucketBoundaries& boundaries = buckets::Seconds());

  /// The positions of the values in the order of the labels. Out of range is a broken invariant and
  /// ends the process.
  [[nodiscard]] Metric& At(std::size_t first, std::size_t second = 0) const;

 private:
  std::size_t columns_ = 1;
  std::vector<Metric*> children_;  // Row by row; owned by the registry.
};

/// Gauges whose series are there only while their values are known: what is not known must not be
/// taken for 0.
///
/// Threads: any, but one at a time for each value.
class OptionalGauges {
 public:
  /// A gauge without labels; its position is 0.
  OptionalGauges(prometheus::Registry& registry, const MetricName& metric);
  /// One for each value of the label.
  OptionalGauges(prometheus::Registry& registry, const MetricName& metric, const Label& label);

  /// None: unknown. Out of range is a broken invariant and ends the process.
  void Set(std::size_t position, std::optional<double> value);

 private:
  struct Child {
    std::map<std::string, std::string> labels;
    prometheus::Gauge* gauge = nullptr;  ///< Owned by the family; none: not known.
  };

  prometheus::Family<prometheus::Gauge>& family_;
  std::vector<Child> children_;
};

using CounterByLabels = ByLabels<prometheus::Counter>;
using GaugeByLabels = ByLabels<prometheus::Gauge>;
using HistogramByLabels = ByLabels<prometheus::Histogram>;

}  // namespace common
