#pragma once

#include <prometheus/collectable.h>
#include <prometheus/metric_family.h>

#include <functional>
#include <memory>
#include <utility>
#include <vector>

namespace ingest {

/// Has gauges brought up to date before they are collected: the thread that writes one may hang,
/// and its last value must not stay.
///
/// Threads: the collecting ones, which call `refresh`.
class FreshMetrics final : public prometheus::Collectable {
 public:
  FreshMetrics(std::shared_ptr<const prometheus::Collectable> metrics,
               std::function<void()> refresh)
      : metrics_(std::move(metrics)), refresh_(std::move(refresh)) {}

  [[nodiscard]] std::vector<prometheus::MetricFamily> Collect() const override {
    refresh_();
    return metrics_->Collect();
  }

 private:
  const std::shared_ptr<const prometheus::Collectable> metrics_;
  const std::function<void()> refresh_;
};

}  // namespace ingest
