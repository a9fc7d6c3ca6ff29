#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/domain/provider_rules.h"
#include "common/telemetry/metrics.h"

namespace consumer {

/// What each client of the API does. Only with `accounts:`; the other families are of all together.
struct AccountMetrics {
  AccountMetrics(const std::vector<std::string>& accounts, prometheus::Registry& registry);

  common::GaugeByLabels breaker_open;        ///< account
  common::GaugeByLabels pending;             ///< account
  common::GaugeByLabels passed_over;         ///< account
  common::GaugeByLabels in_flight;           ///< account
  common::GaugeByLabels held_until_seconds;  ///< account
  common::CounterByLabels fetch_attempts;    ///< account, AttemptResult
};

/// Every metric of consumer, with the documented names and labels.
struct Metrics {
  /// `names`: of the API's clients; the first is that of `assure`.
  Metrics(const common::ProviderTable& providers, prometheus::Registry& registry,
          const std::vector<std::string>& names);

  common::CounterByLabels callbacks;             ///< row, Disposal
  common::CounterByLabels fetch_attempts;        ///< Resource, AttemptResult
  common::HistogramByLabels fetch_seconds;       ///< Resource
  common::HistogramByLabels end_to_end_seconds;  ///< row
  prometheus::Gauge& pending;
  common::OptionalGauges oldest_pending_age_seconds;
  prometheus::Gauge& in_flight;
  prometheus::Gauge& concurrency_limit;
  prometheus::Gauge& breaker_open;
  prometheus::Gauge& held_until_seconds;
  prometheus::Gauge& next_probe_seconds;
  common::OptionalGauges lag;
  common::OptionalGauges partitions_unread;
  prometheus::Counter& log_went_back;
  prometheus::Counter& expired_unread;
  common::OptionalGauges clock_skew_seconds;  ///< row
  common::GaugeByLabels partitions;           ///< PartitionState
  prometheus::Gauge& restoring_seconds;
  common::OptionalGauges transactions_forgotten;
  common::CounterByLabels transactions_ended;  ///< EndedAs
  prometheus::Gauge& dedup_keys;
  prometheus::Gauge& uncommitted_offsets;
  prometheus::Gauge& set_aside;
  common::CounterByLabels set_aside_total;  ///< RefusalReason
  prometheus::Gauge& restore_seconds;
  prometheus::Histogram& commit_seconds;
  common::OptionalGauges expected;  ///< ExpectedState
  common::OptionalGauges expected_read_age_seconds;
  common::OptionalGauges expected_due_age_seconds;
  common::CounterByLabels expected_total;  ///< row, ExpectedEnd
  prometheus::Counter& expected_full;
  common::CounterByLabels callbacks_lost;    ///< row
  common::CounterByLabels commits;           ///< CommitResult
  common::CounterByLabels watchdog_actions;  ///< WatchdogAction
  std::optional<AccountMetrics> accounts;    ///< None if there is only one.
};

/// The label `state` of sluice_consumer_partitions.
enum class PartitionState { kRunning, kRestoring, kStuck };

/// The label `state` of sluice_consumer_expected.
enum class ExpectedState { kWaiting, kDue };

/// The label `as` of sluice_consumer_transactions_ended_total.
enum class EndedAs { kCommitted, kAborted };

/// The label `action` of sluice_consumer_watchdog_actions_total.
enum class WatchdogAction { kSeek, kRenew };

/// The label `result` of sluice_consumer_commits_total.
enum class CommitResult { kOk, kAborted, kUnknown, kRecycled };

}  // namespace consumer
