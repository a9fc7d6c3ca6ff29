#pragma once

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <cstddef>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace common {

/// One label of a family and all its values. Values come from closed sets, never from input.
struct Label {
  std::string name;
  std::vector<std::string> values;
};

/// Name and help text of a family.
struct MetricName {
  std::string name;
  std::string help;
};

namespace buckets {
/// 1 ms to 10 s: for an answer, an ack, a commit, one HTTP attempt.
[[nodiscard]] const prometheus::Histogram::BucketBoundaries& Seconds();
/// 100 ms to 24 h: from received to published, including outages.
[[nodiscard]] const prometheus::Histogram::BucketBoundaries& EndToEndSeconds();
}  // namespace buckets

[[nodiscard]] prometheus::Counter& AddCounter(prometheus::Registry& registry,
                                              const MetricName& metric);
[[nodiscard]] prometheus::Gauge& AddGauge(prometheus::Registry& registry, const MetricName& metric);
[[nodiscard]] prometheus::Histogram& AddHistogram(
    prometheus::Registry& registry, const MetricName& metric,
    const prometheus::Histogram::BucketBoundaries& boundaries = buckets::Seconds());

/// All children of a family, created at construction: a hot path finds its child by position, and
/// every series exists with 0 from the start.
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

  /// Takes the position of each label's value, in the order of the labels. A position out of range
  /// is a broken invariant and aborts the process.
  [[nodiscard]] Metric& At(std::size_t first, std::size_t second = 0) const;

 private:
  std::size_t columns_ = 1;
  std::vector<Metric*> children_;  // Row by row; owned by the registry.
};

/// Gauges whose series exist only while their values are known, so that unknown does not read as 0.
///
/// Threads: any.
class OptionalGauges {
 public:
  /// A single gauge without labels, at position 0.
  OptionalGauges(prometheus::Registry& registry, const MetricName& metric);
  /// One gauge per value of the label.
  OptionalGauges(prometheus::Registry& registry, const MetricName& metric, const Label& label);

  /// Empty removes the series. A position out of range is a broken invariant and aborts the
  /// process.
  void Set(std::size_t position, std::optional<double> value);

 private:
  struct Child {
    std::map<std::string, std::string> labels;
    prometheus::Gauge* gauge = nullptr;  ///< Owned by the family. nullptr: unknown.
  };

  prometheus::Family<prometheus::Gauge>& family_;
  std::mutex mutex_;  // For `children_`: a series that is removed must not be set.
  std::vector<Child> children_;
};

using CounterByLabels = ByLabels<prometheus::Counter>;
using GaugeByLabels = ByLabels<prometheus::Gauge>;
using HistogramByLabels = ByLabels<prometheus::Histogram>;

}  // namespace common
