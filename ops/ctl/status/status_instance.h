#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ops/ctl/status/status_probe.h"

namespace ctl {

/// An instance as its admin port tells it. A number that it does not tell is none.
struct InstanceFacts {
  enum class Kind { kUnknown, kIngest, kConsumer };

  std::string url;
  std::string error;  ///< Why nothing is known of it; empty: it has answered.
  Kind kind = Kind::kUnknown;
  bool is_ready = false;
  std::vector<std::string> missing;  ///< What it wants in order to be ready.

  std::optional<double> in_flight;  ///< ingest: requests; consumer: fetches.

  std::optional<double> pending;  ///< Callbacks in hand.
  std::optional<double> oldest_pending_seconds;
  std::optional<double> concurrency_limit;
  std::optional<double> breaker_open;
  std::optional<double> restoring;  ///< Partitions.
  std::optional<double> lag;
  std::optional<double> set_aside;               ///< Callbacks whose records are refused now.
  std::optional<double> expired_unread;          ///< Records, since its start.
  std::optional<double> log_went_back;           ///< Times, since its start.
  std::optional<double> transactions_forgotten;  ///< Partitions.
  std::optional<double> clock_skew_seconds;      ///< The largest of all providers.

  std::optional<double> kafka_up;
  std::optional<double> spool_limit_bytes;  ///< 0: there is no spool.
  std::optional<double> spool_open;
  std::optional<double> spool_records;
  std::optional<double> spool_bytes;
  std::optional<double> spool_oldest_seconds;
  std::optional<double> spool_refused_records;  ///< Kept beside the spool.
};

/// The sum of a family's series in Prometheus text, of those whose labels contain `label`; none if
/// there is no such series.
[[nodiscard]] std::optional<double> ReadMetric(std::string_view text, std::string_view family,
                                               std::string_view label = {});

/// The largest of a family's series; none if there is no series.
[[nodiscard]] std::optional<double> ReadLargest(std::string_view text, std::string_view family);

/// From the answers of /metrics and /readyz.
[[nodiscard]] InstanceFacts ReadInstance(std::string url, const ProbeAnswer& metrics,
                                         const ProbeAnswer& ready);

}  // namespace ctl
