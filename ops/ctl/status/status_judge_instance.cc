#include <map>
#include <optional>
#include <string>

#include "ops/ctl/shell/output.h"
#include "ops/ctl/status/status_report.h"
#include "ops/ctl/status/status_verdict.h"

namespace ctl {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Number = std::optional<double>;

bool IsSome(const Number& number) { return number.value_or(0) > 0; }

std::string Count(const Number& number, const std::string& what) {
  const auto whole = static_cast<std::int64_t>(number.value_or(0));
  return std::to_string(whole) + " " + what + (whole == 1 ? "" : "s");
}

std::string WholeAge(const Number& age_seconds) {
  if (!age_seconds) return "an unknown time";
  return RenderAge(seconds(static_cast<std::int64_t>(*age_seconds)));
}

std::string Readiness(const InstanceFacts& instance) {
  std::string text = "is not ready";
  for (const std::string& word : instance.missing) {
    text += (&word == &instance.missing.front() ? ": " : ", ") + word;
  }
  return text;
}

bool IsAtLeast(const Number& age_seconds, seconds limit) {
  return age_seconds.value_or(0) >= static_cast<double>(limit.count());
}

void JudgeExpected(const InstanceFacts& instance, StatusVerdict& verdict) {
  if (IsAtLeast(instance.expected_read_age_seconds, threshold::kAnnouncementsUnread)) {
    verdict.troubles.push_back(instance.url + ": has not read all announcements for " +
                               WholeAge(instance.expected_read_age_seconds) +
                               ": its log says why (expected.unread)");
  } else if (instance.expected_read_age_seconds && !instance.expected_due) {
    verdict.unknown.push_back(instance.url + " has not read all announcements yet");
  }
  if (IsAtLeast(instance.expected_due_age_seconds, threshold::kLookOverdue)) {
    verdict.troubles.push_back(instance.url + ": was to ask the API for an announced process " +
                               WholeAge(instance.expected_due_age_seconds) + " ago");
  }
}

std::optional<double> Of(const std::map<std::string, double>& values, const std::string& account) {
  const auto found = values.find(account);
  return found == values.end() ? std::nullopt : std::optional(found->second);
}

void JudgeAccounts(const InstanceFacts& instance, StatusVerdict& verdict) {
  for (const auto& [account, is_open] : instance.account_breaker_open) {
    const Number in_kafka = Of(instance.account_passed_over, account);
    std::string judged = instance.url + ": the account " + account;
    judged +=
        is_open > 0 ? " is away: its circuit breaker is open (" : " has more callbacks than room (";
    judged += Count(Of(instance.account_pending, account), "callback") + " in hand";
    if (IsSome(in_kafka)) judged += ", " + Count(in_kafka, "callback") + " left in Kafka";
    judged += ")";
    if (is_open > 0) {
      verdict.troubles.push_back(std::move(judged));
    } else if (IsSome(in_kafka)) {
      verdict.remarks.push_back(std::move(judged));
    }
  }
}

}  // namespace

void JudgeInstance(const InstanceFacts& instance, StatusVerdict& verdict) {
  const auto trouble = [&](const std::string& what) {
    verdict.troubles.push_back(instance.url + ": " + what);
  };
  const auto remark = [&](const std::string& what) {
    verdict.remarks.push_back(instance.url + ": " + what);
  };
  if (!instance.error.empty()) return trouble("no answer: " + instance.error);
  if (!instance.is_ready) trouble(Readiness(instance));
  if (instance.account_breaker_open.empty() && IsSome(instance.breaker_open)) {
    trouble("its circuit breaker is open: the Assure API fails");
  }
  JudgeAccounts(instance, verdict);
  if (instance.kafka_up && *instance.kafka_up == 0) trouble("Kafka does not take its records");
  if (IsSome(instance.spool_limit_bytes) && instance.spool_open && *instance.spool_open == 0) {
    trouble("its spool cannot be opened");
  }
  if (IsSome(instance.spool_records)) {
    trouble(Count(instance.spool_records, "callback") + " in its spool, the oldest for " +
            WholeAge(instance.spool_oldest_seconds));
  }
  if (IsSome(instance.spool_refused_records)) {
    trouble(Count(instance.spool_refused_records, "callback") +
            " beside its spool that Kafka refuses: see `sluicectl spool list`");
  }
  if (IsSome(instance.set_aside)) {
    trouble(Count(instance.set_aside, "callback") + " set aside: a topic refuses what they write");
  }
  if (IsSome(instance.expired_unread)) {
    trouble("since its start " + Count(instance.expired_unread, "callback") +
            " expired before it read them");
  }
  if (IsSome(instance.transactions_forgotten)) {
    trouble("on " + Count(instance.transactions_forgotten, "partition") +
            " Kafka has forgotten to end a transaction");
  }
  JudgeExpected(instance, verdict);
  if (IsSome(instance.log_went_back)) {
    remark("since its start a log went back " + Count(instance.log_went_back, "time"));
  }
  if (instance.clock_skew_seconds.value_or(0) >=
      static_cast<double>(threshold::kClockDifference.count())) {
    remark("the clock of an ingest is " + WholeAge(instance.clock_skew_seconds) +
           " ahead of its own");
  }
  const bool is_consumer = instance.kind == InstanceFacts::Kind::kConsumer;
  if (is_consumer && instance.is_ready && !instance.lag) {
    verdict.unknown.push_back(instance.url + " does not know its lag");
  }
  if (is_consumer && instance.is_ready && !instance.transactions_forgotten) {
    verdict.unknown.push_back(instance.url +
                              " does not know whether Kafka has forgotten to end a transaction");
  }
  if (IsSome(instance.spool_limit_bytes) && IsSome(instance.spool_open) &&
      !instance.spool_records) {
    verdict.unknown.push_back(instance.url + " does not know yet what is in its spool");
  }
}

}  // namespace ctl
