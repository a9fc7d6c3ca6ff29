#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ops/ctl/instances/probe.h"

namespace ctl {

/// The facts from an instance's admin port. A metric that it does not export is none.
struct InstanceFacts {
  enum class Kind { kUnknown, kIngest, kConsumer };

  std::string url;
  std::string error;  ///< Why it is unknown; empty: it has answered.
  Kind kind = Kind::kUnknown;
  bool is_ready = false;
  std::vector<std::string> missing;  ///< The conditions that it lacks to be ready.

  std::optional<double> in_flight;  ///< ingest: requests; consumer: fetches.

  std::optional<double> pending;  ///< Callbacks in hand.
  std::optional<double> oldest_pending_seconds;
  std::optional<double> concurrency_limit;
  std::optional<double> breaker_open;
  std::optional<double> held_until_seconds;  ///< Since the epoch, by a Retry-After.
  std::optional<double> next_probe_seconds;  ///< Since the epoch, of the open breaker; 0: none.
  /// By account; empty if there is only one.
  std::map<std::string, double> account_breaker_open;
  std::map<std::string, double> account_held_until_seconds;
  std::map<std::string, double> account_pending;
  std::map<std::string, double> account_passed_over;  ///< Callbacks that wait in Kafka for room.
  std::optional<double> restoring;                    ///< Partitions.
  std::optional<double> lag;
  std::optional<double> set_aside;               ///< Callbacks whose records Kafka refuses now.
  std::optional<double> expired_unread;          ///< Records, since its start.
  std::optional<double> log_went_back;           ///< Times, since its start.
  std::optional<double> transactions_forgotten;  ///< Partitions.
  std::optional<double> clock_skew_seconds;      ///< The largest of all providers.
  /// Announced processes whose callback has not come. None: it does not watch for them, or has not
  /// read all announcements yet.
  std::optional<double> expected_waiting;
  std::optional<double> expected_due;
  std::optional<double> expected_read_age_seconds;  ///< None: it watches no partition.
  std::optional<double> expected_due_age_seconds;

  std::optional<double> kafka_up;
  std::optional<double> spool_limit_bytes;  ///< 0: there is no spool.
  std::optional<double> spool_open;
  std::optional<double> spool_records;
  std::optional<double> spool_bytes;
  std::optional<double> spool_oldest_seconds;
  std::optional<double> spool_refused_records;  ///< Kept beside the spool.
  /// By provider: until its first refused callback has no attempt left.
  std::map<std::string, double> attempts_left_seconds;
};

/// The sum of the series of a family in Prometheus text whose labels contain `label`. None if there
/// is no such series.
[[nodiscard]] std::optional<double> ReadMetric(std::string_view text, std::string_view family,
                                               std::string_view label = {});

/// The largest series of a family. None if there is no series.
[[nodiscard]] std::optional<double> ReadLargest(std::string_view text, std::string_view family);

/// The series of a family by the value of one label, which needs no unescaping.
[[nodiscard]] std::map<std::string, double> ReadByLabel(std::string_view text,
                                                        std::string_view family,
                                                        std::string_view label);

/// Parses the answers of /metrics and /readyz.
[[nodiscard]] InstanceFacts ReadInstance(std::string url, const ProbeAnswer& metrics,
                                         const ProbeAnswer& ready);

}  // namespace ctl
