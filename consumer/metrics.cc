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

using Boundaries = prometheus::Histogram::BucketBoundaries;

/// Up to `fetch.timeout`, which may be 5 min.
const Boundaries& FetchSeconds() {
  static const Boundaries seconds = {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5,
                                     1,     2.5,    5,     10,   30,    60,   120, 300};
  return seconds;
}

/// Up to the deadline of a transaction with its look-ups.
const Boundaries& CommitSeconds() {
  static const Boundaries seconds = {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25,
                                     0.5,   1,      2.5,   5,    8.5,   10,   15,  25};
  return seconds;
}

common::MetricName Name(const std::string& name, const std::string& help) {
  return {"sluice_consumer_" + name, help};
}

}  // namespace

AccountMetrics::AccountMetrics(const std::vector<std::string>& accounts,
                               prometheus::Registry& registry)
    : breaker_open(registry,
                   Name("account_breaker_open", "1 while the account's circuit breaker is open"),
                   {{"account", accounts}}),
      pending(registry, Name("account_pending", "Callbacks in hand that the account must fetch"),
              {{"account", accounts}}),
      passed_over(
          registry,
          Name("account_passed_over",
               "Callbacks that wait in Kafka because the account's share of memory is full"),
          {{"account", accounts}}),
      in_flight(registry, Name("account_in_flight", "Fetches of the account in flight"),
                {{"account", accounts}}),
      held_until_seconds(
          registry,
          Name("account_held_until_seconds",
               "Unix time until which a Retry-After forbids requests of the account; 0: none"),
          {{"account", accounts}}),
      fetch_attempts(registry,
                     Name("account_fetch_attempts_total",
                          "HTTP attempts of the account by result, token requests included"),
                     {{"account", accounts}, AttemptLabel()}) {}

Metrics::Metrics(const common::ProviderTable& providers, prometheus::Registry& registry,
                 const std::vector<std::string>& names)
    : callbacks(
          registry, Name("callbacks_total", "Callbacks handled, counted after the commit"),
          {ProviderLabel(providers), {"outcome", {"published", "duplicate", "dead", "ignored"}}}),
      fetch_attempts(registry, Name("fetch_attempts_total", "HTTP attempts by resource and result"),
                     {ResourceLabel(), AttemptLabel()}),
      fetch_seconds(registry, Name("fetch_seconds", "Duration of one HTTP attempt"),
                    {ResourceLabel()}, FetchSeconds()),
      end_to_end_seconds(registry,
                         Name("end_to_end_seconds", "From received-at to the committed result"),
                         {ProviderLabel(providers)}, common::buckets::EndToEndSeconds()),
      pending(AddGauge(registry, Name("pending", "Callbacks in hand"))),
      oldest_pending_age_seconds(
          registry, Name("oldest_pending_age_seconds", "Age of the oldest callback in hand")),
      in_flight(AddGauge(registry, Name("in_flight", "Fetches in flight"))),
      concurrency_limit(
          AddGauge(registry, Name("concurrency_limit", "Fetches that may be in flight"))),
      breaker_open(AddGauge(registry, Name("breaker_open", "1 while the circuit breaker is open"))),
      held_until_seconds(AddGauge(
          registry, Name("held_until_seconds",
                         "Unix time until which a Retry-After forbids requests; 0: none"))),
      next_probe_seconds(AddGauge(
          registry,
          Name("next_probe_seconds",
               "Unix time of the open circuit breaker's next probe; 0: closed, or it is probed"))),
      lag(registry, Name("lag", "Unread records of all assigned partitions")),
      partitions_unread(registry, Name("partitions_unread",
                                       "Partitions that no member of the group has; exported "
                                       "by the first member by name")),
      log_went_back(AddCounter(
          registry, Name("log_went_back_total",
                         "Partitions read anew because their log lost its end or was replaced"))),
      expired_unread(AddCounter(
          registry,
          Name("expired_unread_total", "Offsets that retention deleted before they were read"))),
      clock_skew_seconds(
          registry,
          Name("clock_skew_seconds",
               "How far received-at was in the future, maximum of the last five minutes; "
               "absent without a callback"),
          ProviderLabel(providers)),
      partitions(registry, Name("partitions", "Assigned partitions by state"),
                 {{"state", {"running", "restoring", "stuck"}}}),
      restoring_seconds(AddGauge(
          registry, Name("restoring_seconds", "How long the current restore has run; 0: none"))),
      transactions_forgotten(
          registry, Name("transactions_forgotten",
                         "Partitions of the topics on which a transaction has been open for longer "
                         "than any of a living instance")),
      transactions_ended(
          registry,
          Name("transactions_ended_total",
               "The instance's own transactions that Kafka had forgotten, ended as they had been "
               "decided"),
          {{"as", {"committed", "aborted"}}}),
      dedup_keys(AddGauge(registry, Name("dedup_keys", "Identities in the dedup tables"))),
      uncommitted_offsets(
          AddGauge(registry, Name("uncommitted_offsets",
                                  "Offsets above the low-water marks: read again after a crash"))),
      set_aside(AddGauge(registry, Name("set_aside", "Callbacks whose records are refused now"))),
      set_aside_total(registry,
                      Name("set_aside_total", "Callbacks whose records were refused, by reason"),
                      {RefusalLabel()}),
      restore_seconds(AddGauge(registry, Name("restore_seconds", "Duration of the last restore"))),
      commit_seconds(AddHistogram(registry, Name("commit_seconds", "Duration of one transaction"),
                                  CommitSeconds())),
      expected(registry,
               Name("expected",
                    "Announced processes whose callback has not come, by whether the API is to be "
                    "asked now; absent unless consumer watches for them and has read all "
                    "announcements once"),
               {"state", {"waiting", "due"}}),
      expected_read_age_seconds(
          registry, Name("expected_read_age_seconds",
                         "Time since all announcements were read that were there then, of the "
                         "partition furthest behind")),
      expected_due_age_seconds(
          registry, Name("expected_due_age_seconds",
                         "For how long the API was to be asked for an announced process and was "
                         "not; 0: none is due")),
      expected_total(
          registry, Name("expected_total", "Announced processes by how waiting for them ended"),
          {ProviderLabel(providers),
           {"outcome", {"callback", "reconciled", "unfinished", "gone", "forgotten", "refused"}}}),
      expected_full(AddCounter(
          registry, Name("expected_full_total",
                         "Times that no more announcements were taken in for a while, because too "
                         "many processes were outstanding"))),
      callbacks_lost(registry,
                     Name("callbacks_lost_total",
                          "Reconciled processes that had been finished for longer than their "
                          "provider's callbacks usually take"),
                     {ProviderLabel(providers)}),
      commits(registry, Name("commits_total", "Transactions by result"),
              {{"result", {"ok", "aborted", "unknown", "recycled"}}}),
      watchdog_actions(registry,
                       Name("watchdog_actions_total", "Partitions read anew and clients replaced"),
                       {{"action", {"seek", "renew"}}}) {
  if (names.size() > 1) accounts.emplace(names, registry);
}

}  // namespace consumer
