#pragma once

#include <prometheus/registry.h>

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "common/domain/provider_rules.h"
#include "common/telemetry/metrics.h"
#include "ingest/events.h"
#include "ingest/policy/answer.h"

namespace ingest {

/// All metrics of ingest, as in ops/docs/metrics.md.
class Events::Metrics {
 public:
  Metrics(const common::ProviderTable& providers, prometheus::Registry& registry);

  /// Index of a status among the label values of `answers`. "other" stands for a status that the
  /// table cannot give.
  [[nodiscard]] std::size_t PositionOf(int status) const;
  /// Index of a situation among the label values of `refusals`; nullopt if it is not a refusal.
  [[nodiscard]] static std::optional<std::size_t> PositionOf(Situation situation);
  /// The same for the reasons of `signatures_refused`.
  [[nodiscard]] static std::optional<std::size_t> SignatureReasonOf(Situation situation);

  /// Index among the label values of `expected`, for announcements that were not stored.
  [[nodiscard]] static std::size_t ExpectedOutcomeOf(Situation situation);

  /// Indexes of the label values of `batch_records`: sizes of bursts, and of a partition's batches.
  static constexpr std::size_t kBurst = 0;
  static constexpr std::size_t kPartition = 1;

  /// Rows of the table, in the order of the label values of gauges that only these rows have.
  using Rows = std::vector<common::ProviderTable::Index>;

 private:
  std::vector<int> statuses_;  // Initialised first: the label values of `answers`.

 public:
  const Rows penalising_rows;  ///< The rows of `penalty_until_seconds`.
  const Rows retrying_rows;    ///< The rows of `attempts_left_seconds` and `attempts_span_seconds`.

  common::CounterByLabels callbacks;
  common::CounterByLabels answers;
  common::CounterByLabels refusals;
  common::CounterByLabels signatures_refused;
  common::CounterByLabels clients_left;
  common::CounterByLabels expected;
  common::HistogramByLabels answer_seconds;
  common::GaugeByLabels penalty_until_seconds;
  common::GaugeByLabels attempts_left_seconds;
  common::GaugeByLabels attempts_span_seconds;
  prometheus::Histogram& kafka_ack_seconds;
  common::HistogramByLabels batch_records;
  prometheus::Histogram& batch_wait_seconds;
  prometheus::Gauge& in_flight;
  prometheus::Gauge& kafka_up;
  common::OptionalGauges partitions_failing;
  common::CounterByLabels late_reports;
  prometheus::Counter& connections_evicted;
  common::OptionalGauges spool_records;
  common::OptionalGauges spool_bytes;
  common::OptionalGauges spool_oldest_age_seconds;
  common::OptionalGauges spool_disk_free_bytes;
  common::OptionalGauges spool_disk_needed_bytes;
  prometheus::Gauge& spool_limit_bytes;
  prometheus::Gauge& spool_has_room;
  common::OptionalGauges spool_refused_records;
  prometheus::Gauge& spool_open;
  prometheus::Counter& spool_files_lost;
  prometheus::Counter& spool_left_behind;
  common::OptionalGauges spool_unreadable;
  prometheus::Counter& producer_restarts;
};

}  // namespace ingest
