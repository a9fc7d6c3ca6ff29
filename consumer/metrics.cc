#include "consumer/metrics.h"

#include <string>

#include "consumer/fetch/fetch_events.h"
#include "consumer/lane/refusal.h"

namespace consumer {
namespace {

using common::Label;

Label ProviderLabel(const common::ProviderTable& providers) {
  Label label{"provider", {}};
  for (const common::ProviderRow& row : providers.rows()) label.values.push_back(row.name);
  return label;
}

Label ResourceLabel() {
  Label label{"resource", {}};
  for (const Resource resource : {Resource::kProcess, Resource::kDossier, Resource::kToken}) {
    label.values.emplace_back(ToText(resource));
  }
  return label;
}

Label AttemptLabel() {
  Label label{"result", {}};
  for (const AttemptResult result :
       {AttemptResult::kOk, AttemptResult::kRetry, AttemptResult::kGone, AttemptResult::kRejected,
        AttemptResult::kUnauthorized, AttemptResult::kTimeout, AttemptResult::kForeign,
        AttemptResult::kError}) {
    label.values.emplace_back(ToText(result));
  }
  return label;
}

Label RefusalLabel() {
  Label label{"reason", {}};
  for (const RefusalReason reason : kRefusalReasons) label.values.emplace_back(ToText(reason));
  return label;
}

common::MetricName Name(const std::string& name, const std::string& help) {
  return {"sluice_consumer_" + name, help};
}

}  // namespace

Metrics::Metrics(const common::ProviderTable& providers, prometheus::Registry& registry)
    : callbacks(registry,
                Name("callbacks_total", "Callbacks disposed of, counted after the commit"),
                {ProviderLabel(providers), {"outcome", {"published", "duplicate", "dead"}}}),
      fetch_attempts(registry, Name("fetch_attempts_total", "HTTP attempts by resource and result"),
                     {ResourceLabel(), AttemptLabel()}),
      fetch_seconds(registry, Name("fetch_seconds", "Duration of one HTTP attempt"),
                    {ResourceLabel()}),
      end_to_end_seconds(registry,
                         Name("end_to_end_seconds", "From received-at to the committed result"),
                         {ProviderLabel(providers)}, common::buckets::EndToEndSeconds()),
      pending(AddGauge(registry, Name("pending", "Callbacks in hand"))),
      oldest_pending_age_seconds(
          registry, Name("oldest_pending_age_seconds", "Age of the oldest one in hand")),
      in_flight(AddGauge(registry, Name("in_flight", "Fetches under way"))),
      concurrency_limit(
          AddGauge(registry, Name("concurrency_limit", "Fetches that may be under way"))),
      breaker_open(AddGauge(registry, Name("breaker_open", "1 while the circuit breaker is open"))),
      held_until_seconds(AddGauge(
          registry, Name("held_until_seconds",
                         "Unix time before which a Retry-After lets nothing be asked; 0: none"))),
      lag(registry, Name("lag", "Records not yet read, all assigned partitions")),
      partitions_unread(registry, Name("partitions_unread",
                                       "Partitions that no member of the group has; told "
                                       "by the first member by name")),
      log_went_back(AddCounter(
          registry, Name("log_went_back_total",
                         "Partitions whose log lost its end or is another one: read anew"))),
      expired_unread(AddCounter(
          registry,
          Name("expired_unread_total", "Offsets that retention deleted before they were read"))),
      clock_skew_seconds(
          registry,
          Name("clock_skew_seconds",
               "How far received-at was in the future, the most of the last minutes; "
               "absent: nothing came"),
          ProviderLabel(providers)),
      partitions(registry, Name("partitions", "Assigned partitions by state"),
                 {{"state", {"running", "restoring", "stuck"}}}),
      restoring_seconds(AddGauge(
          registry, Name("restoring_seconds", "How long a restore has been under way; 0: none"))),
      transactions_forgotten(AddGauge(
          registry, Name("transactions_forgotten",
                         "Partitions of the topics on which a transaction stands open for longer "
                         "than any living one can"))),
      transactions_ended(
          registry,
          Name("transactions_ended_total",
               "Own transactions that Kafka had forgotten and that were ended, by how they were "
               "decided"),
          {{"as", {"committed", "aborted"}}}),
      dedup_keys(AddGauge(registry, Name("dedup_keys", "Identities in the dedup tables"))),
      uncommitted_offsets(
          AddGauge(registry, Name("uncommitted_offsets",
                                  "Offsets above the low-water marks, which a crash reads again"))),
      set_aside(AddGauge(registry, Name("set_aside", "Callbacks whose records are refused now"))),
      set_aside_total(registry,
                      Name("set_aside_total", "Callbacks whose records were refused, by reason"),
                      {RefusalLabel()}),
      restore_seconds(AddGauge(registry, Name("restore_seconds", "Duration of the last restore"))),
      commit_seconds(AddHistogram(registry, Name("commit_seconds", "Duration of one transaction"))),
      commits(registry, Name("commits_total", "Transactions by result"),
              {{"result", {"ok", "aborted", "recycled"}}}),
      watchdog_actions(registry,
                       Name("watchdog_actions_total", "Readings and clients that were begun anew"),
                       {{"action", {"seek", "renew"}}}) {}

}  // namespace consumer
