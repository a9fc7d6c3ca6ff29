#include "ingest/metrics.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

namespace ingest {
namespace {

using Labels = std::vector<common::Label>;

common::Label ProviderLabel(const common::ProviderTable& providers) {
  common::Label label{"provider", {}};
  for (const common::ProviderRow& row : providers.rows()) label.values.push_back(row.name);
  return label;
}

/// All statuses that the answer table can give, so that their series exist from the start.
std::vector<int> PossibleStatuses(const common::ProviderTable& providers) {
  std::vector<int> statuses;
  for (const common::ProviderRow& row : providers.rows()) {
    for (const Situation situation : kAllSituations) {
      statuses.push_back(AnswerFor(situation, row).status);
    }
  }
  std::sort(statuses.begin(), statuses.end());
  statuses.erase(std::unique(statuses.begin(), statuses.end()), statuses.end());
  return statuses;
}

/// The situations that refuse a valid callback.
std::vector<Situation> Refusals() {
  std::vector<Situation> refusals;
  for (const Situation situation : kAllSituations) {
    if (OutcomeOf(situation) == AnswerOutcome::kRefused) refusals.push_back(situation);
  }
  return refusals;
}

common::Label ReasonLabel() {
  common::Label label{"reason", {}};
  for (const Situation situation : Refusals()) label.values.emplace_back(NameOf(situation));
  return label;
}

/// The reasons for which a signature is refused, by the situations they belong to.
constexpr std::array<std::pair<Situation, std::string_view>, 3> kSignatureReasons = {
    {{Situation::kUnsigned, "missing"},
     {Situation::kWrongSignature, "wrong"},
     {Situation::kStaleSignature, "stale"}}};

common::Label SignatureReasonLabel() {
  common::Label label{"reason", {}};
  for (const auto& [situation, reason] : kSignatureReasons) label.values.emplace_back(reason);
  return label;
}

constexpr std::array<std::string_view, 4> kExpectedOutcomes = {"stored", "refused", "bad_request",
                                                               "unauthorized"};

/// Metrics::kBurst, kPartition.
constexpr std::array<std::string_view, 2> kBatchParts = {"burst", "partition"};

const prometheus::Histogram::BucketBoundaries& BatchBuckets() {
  static const prometheus::Histogram::BucketBoundaries buckets = {1,  2,   4,   8,   16,  32,
                                                                  64, 128, 256, 512, 1024};
  return buckets;
}

template <typename Predicate>
Events::Metrics::Rows RowsThat(const common::ProviderTable& providers, Predicate is_one) {
  Events::Metrics::Rows rows;
  for (common::ProviderTable::Index row = 0; row < providers.rows().size(); ++row) {
    if (is_one(providers[row])) rows.push_back(row);
  }
  return rows;
}

common::Label ProviderLabel(const common::ProviderTable& providers,
                            const Events::Metrics::Rows& rows) {
  common::Label label{"provider", {}};
  for (const auto row : rows) label.values.push_back(providers[row].name);
  return label;
}

common::Label StatusLabel(const std::vector<int>& statuses) {
  common::Label label{"status", {}};
  for (const int status : statuses) label.values.push_back(std::to_string(status));
  label.values.emplace_back("other");
  return label;
}

}  // namespace

Events::Metrics::Metrics(const common::ProviderTable& providers, prometheus::Registry& registry)
    : statuses_(PossibleStatuses(providers)),
      penalising_rows(RowsThat(providers, [](const auto& row) { return row.penalises_statuses; })),
      retrying_rows(
          RowsThat(providers, [](const auto& row) { return !row.retry_schedule.empty(); })),
      callbacks(registry, {"sluice_ingest_callbacks_total", "Answered requests, by outcome"},
                Labels{ProviderLabel(providers),
                       {"outcome", {kOutcomeNames.begin(), kOutcomeNames.end()}}}),
      answers(registry, {"sluice_ingest_answers_total", "Status codes sent"},
              Labels{ProviderLabel(providers), StatusLabel(statuses_)}),
      refusals(registry, {"sluice_ingest_refusals_total", "Refused callbacks, by reason"},
               Labels{ProviderLabel(providers), ReasonLabel()}),
      signatures_refused(registry,
                         {"sluice_ingest_signatures_refused_total",
                          "Events answered 401 for their signature, by reason"},
                         Labels{ProviderLabel(providers), SignatureReasonLabel()}),
      clients_left(registry,
                   {"sluice_ingest_clients_left_total",
                    "Callbacks whose client left before it had an answer"},
                   Labels{ProviderLabel(providers)}),
      expected(registry,
               {"sluice_ingest_expected_total",
                "Announcements stored; requests of announcements not stored, by outcome"},
               Labels{{"outcome", {kExpectedOutcomes.begin(), kExpectedOutcomes.end()}}}),
      answer_seconds(
          registry,
          {"sluice_ingest_answer_seconds", "From reading a request's head to writing its answer"},
          Labels{ProviderLabel(providers)}),
      penalty_until_seconds(
          registry,
          {"sluice_ingest_penalty_until_seconds",
           "Unix time until which the provider holds its callbacks back after a penal status"},
          Labels{ProviderLabel(providers, penalising_rows)}),
      attempts_left_seconds(
          registry,
          {"sluice_ingest_attempts_left_seconds",
           "Time until a refused callback has no attempt left; the whole schedule if none waits"},
          Labels{ProviderLabel(providers, retrying_rows)}),
      attempts_span_seconds(registry,
                            {"sluice_ingest_attempts_span_seconds",
                             "Time from the first attempt of the provider's schedule to the last"},
                            Labels{ProviderLabel(providers, retrying_rows)}),
      kafka_ack_seconds(common::AddHistogram(
          registry, {"sluice_ingest_kafka_ack_seconds", "Time from produce to delivery report"})),
      batch_records(
          registry,
          {"sluice_ingest_batch_records", "Held callbacks handed to Kafka's client at once"},
          Labels{{"of", {kBatchParts.begin(), kBatchParts.end()}}}, BatchBuckets()),
      batch_wait_seconds(common::AddHistogram(
          registry, {"sluice_ingest_batch_wait_seconds", "How long callbacks were held"})),
      in_flight(common::AddGauge(
          registry, {"sluice_ingest_in_flight", "Requests waiting for their outcome"})),
      kafka_up(
          common::AddGauge(registry, {"sluice_ingest_kafka_up", "1 while Kafka accepts records"})),
      partitions_failing(registry, {"sluice_ingest_partitions_failing",
                                    "Partitions that have no leader or accept no records"}),
      late_reports(registry,
                   {"sluice_ingest_late_reports_total",
                    "Outcomes that arrived after the request had been answered or spooled"},
                   Labels{{"outcome", {"stored", "unavailable"}}}),
      connections_evicted(
          common::AddCounter(registry, {"sluice_ingest_connections_evicted_total",
                                        "Idle connections closed to make room for others"})),
      spool_records(registry, {"sluice_ingest_spool_records", "Callbacks waiting on disk"}),
      spool_bytes(registry, {"sluice_ingest_spool_bytes",
                             "Bytes of the callbacks waiting on disk: keys, values and headers"}),
      spool_oldest_age_seconds(registry, {"sluice_ingest_spool_oldest_age_seconds",
                                          "Age of the oldest callback waiting on disk"}),
      spool_disk_free_bytes(registry, {"sluice_ingest_spool_disk_free_bytes",
                                       "Bytes free for ingest on the disk of the spool"}),
      spool_disk_needed_bytes(registry, {"sluice_ingest_spool_disk_needed_bytes",
                                         "Free bytes that the spool needs to fill up to max_bytes "
                                         "and leave min_free_disk"}),
      spool_limit_bytes(common::AddGauge(registry, {"sluice_ingest_spool_limit_bytes",
                                                    "max_bytes of the spool; 0 without a spool"})),
      spool_has_room(common::AddGauge(
          registry, {"sluice_ingest_spool_has_room", "1 while the spool has room for a callback"})),
      spool_refused_records(registry,
                            {"sluice_ingest_spool_refused_records",
                             "Callbacks kept in a separate file because Kafka refuses them"}),
      spool_open(common::AddGauge(
          registry, {"sluice_ingest_spool_open",
                     "1 while the spool's file is open at its path and its disk responds"})),
      spool_files_lost(common::AddCounter(
          registry, {"sluice_ingest_spool_files_lost_total",
                     "Times that the spool's file or its log was missing from its path"})),
      spool_left_behind(common::AddCounter(
          registry, {"sluice_ingest_spool_left_behind_total",
                     "Unreadable callbacks, at most, that were not copied into a new file"})),
      spool_unreadable(registry, {"sluice_ingest_spool_unreadable",
                                  "Unreadable places or callbacks in the spool's file"}),
      producer_restarts(common::AddCounter(registry, {"sluice_ingest_producer_restarts_total",
                                                      "Producers rebuilt after a fatal error"})) {}

std::size_t Events::Metrics::PositionOf(int status) const {
  const auto found = std::find(statuses_.begin(), statuses_.end(), status);
  return static_cast<std::size_t>(found - statuses_.begin());
}

std::optional<std::size_t> Events::Metrics::PositionOf(Situation situation) {
  static const std::vector<Situation> refusals = Refusals();
  const auto found = std::find(refusals.begin(), refusals.end(), situation);
  if (found == refusals.end()) return std::nullopt;
  return static_cast<std::size_t>(found - refusals.begin());
}

std::optional<std::size_t> Events::Metrics::SignatureReasonOf(Situation situation) {
  const auto found = std::ranges::find(kSignatureReasons, situation,
                                       &std::pair<Situation, std::string_view>::first);
  if (found == kSignatureReasons.end()) return std::nullopt;
  return static_cast<std::size_t>(found - kSignatureReasons.begin());
}

std::size_t Events::Metrics::ExpectedOutcomeOf(Situation situation) {
  switch (OutcomeOf(situation)) {
    case AnswerOutcome::kStored:
    case AnswerOutcome::kSpooled:
    case AnswerOutcome::kRefused:
      return 1;
    case AnswerOutcome::kTooLarge:
    case AnswerOutcome::kTimedOut:
    case AnswerOutcome::kBadRequest:
      return 2;
    case AnswerOutcome::kUnauthorized:
      return 3;
  }
  return 1;
}

}  // namespace ingest
