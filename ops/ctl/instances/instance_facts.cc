#include "ops/ctl/instances/instance_facts.h"

#include <algorithm>
#include <utility>

#include "common/base/number.h"

namespace ctl {
namespace {

constexpr int kOk = 200;
constexpr int kUnready = 503;

/// Parses "missing":["kafka","spool"]. The words need no unescaping.
std::vector<std::string> MissingOf(std::string_view body) {
  constexpr std::string_view kName = "\"missing\":[";
  const std::size_t start = body.find(kName);
  if (start == std::string_view::npos) return {};
  body.remove_prefix(start + kName.size());
  body = body.substr(0, body.find(']'));
  std::vector<std::string> words;
  for (std::size_t open = body.find('"'); open != std::string_view::npos; open = body.find('"')) {
    const std::size_t close = body.find('"', open + 1);
    if (close == std::string_view::npos) break;
    words.emplace_back(body.substr(open + 1, close - open - 1));
    body.remove_prefix(close + 1);
  }
  return words;
}

InstanceFacts::Kind KindOf(std::string_view metrics) {
  if (metrics.find("\nsluice_consumer_") != std::string_view::npos) {
    return InstanceFacts::Kind::kConsumer;
  }
  if (metrics.find("\nsluice_ingest_") != std::string_view::npos) {
    return InstanceFacts::Kind::kIngest;
  }
  return InstanceFacts::Kind::kUnknown;
}

struct Series {
  std::string_view labels;
  double value = 0;
};

std::vector<Series> SeriesOf(std::string_view text, std::string_view family) {
  std::vector<Series> found;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    if (!line.starts_with(family) || line.size() <= family.size()) continue;
    const char next = line[family.size()];
    if (next != ' ' && next != '{') continue;
    const std::size_t space = line.rfind(' ');
    if (const auto value = common::ParseNumber<double>(line.substr(space + 1))) {
      found.push_back({line.substr(family.size(), space - family.size()), *value});
    }
  }
  return found;
}

}  // namespace

std::optional<double> ReadMetric(std::string_view text, std::string_view family,
                                 std::string_view label) {
  std::optional<double> sum;
  for (const Series& one : SeriesOf(text, family)) {
    if (one.labels.find(label) != std::string_view::npos) sum = sum.value_or(0) + one.value;
  }
  return sum;
}

std::optional<double> ReadLargest(std::string_view text, std::string_view family) {
  std::optional<double> largest;
  for (const Series& one : SeriesOf(text, family))
    largest = std::max(largest.value_or(one.value), one.value);
  return largest;
}

std::map<std::string, double> ReadByLabel(std::string_view text, std::string_view family,
                                          std::string_view label) {
  std::map<std::string, double> values;
  const std::string name = std::string(label) + "=\"";
  for (const Series& one : SeriesOf(text, family)) {
    const std::size_t start = one.labels.find(name);
    if (start == std::string_view::npos) continue;
    const std::string_view rest = one.labels.substr(start + name.size());
    values[std::string(rest.substr(0, rest.find('"')))] = one.value;
  }
  return values;
}

InstanceFacts ReadInstance(std::string url, const ProbeAnswer& metrics, const ProbeAnswer& ready) {
  InstanceFacts facts;
  facts.url = std::move(url);
  if (metrics.status != kOk) {
    facts.error = !metrics.error.empty() ? metrics.error
                                         : "/metrics returned " + std::to_string(metrics.status);
    return facts;
  }
  facts.kind = KindOf(metrics.body);
  if (facts.kind == InstanceFacts::Kind::kUnknown) {
    facts.error = "this is not an admin port of Sluice";
    return facts;
  }
  facts.is_ready = ready.status == kOk;
  if (ready.status == kUnready) facts.missing = MissingOf(ready.body);
  if (facts.kind == InstanceFacts::Kind::kConsumer) {
    const auto read = [&](std::string_view name, std::string_view label = {}) {
      return ReadMetric(metrics.body, "sluice_consumer_" + std::string(name), label);
    };
    facts.in_flight = read("in_flight");
    facts.pending = read("pending");
    facts.oldest_pending_seconds = read("oldest_pending_age_seconds");
    facts.concurrency_limit = read("concurrency_limit");
    facts.breaker_open = read("breaker_open");
    facts.held_until_seconds = ReadLargest(metrics.body, "sluice_consumer_held_until_seconds");
    facts.next_probe_seconds = read("next_probe_seconds");
    const auto by_account = [&](const std::string& name) {
      return ReadByLabel(metrics.body, "sluice_consumer_account_" + name, "account");
    };
    facts.account_breaker_open = by_account("breaker_open");
    facts.account_held_until_seconds = by_account("held_until_seconds");
    facts.account_pending = by_account("pending");
    facts.account_passed_over = by_account("passed_over");
    facts.restoring = read("partitions", R"(state="restoring")");
    facts.lag = read("lag");
    facts.set_aside = read("set_aside");
    facts.expired_unread = read("expired_unread_total");
    facts.log_went_back = read("log_went_back_total");
    facts.transactions_forgotten = read("transactions_forgotten");
    facts.expected_waiting = read("expected", R"(state="waiting")");
    facts.expected_due = read("expected", R"(state="due")");
    facts.expected_read_age_seconds = read("expected_read_age_seconds");
    facts.expected_due_age_seconds = read("expected_due_age_seconds");
    facts.clock_skew_seconds = ReadLargest(metrics.body, "sluice_consumer_clock_skew_seconds");
  } else {
    const auto read = [&](std::string_view name) {
      return ReadMetric(metrics.body, "sluice_ingest_" + std::string(name));
    };
    facts.in_flight = read("in_flight");
    facts.kafka_up = read("kafka_up");
    facts.spool_limit_bytes = read("spool_limit_bytes");
    facts.spool_open = read("spool_open");
    facts.spool_records = read("spool_records");
    facts.spool_bytes = read("spool_bytes");
    facts.spool_oldest_seconds = read("spool_oldest_age_seconds");
    facts.spool_refused_records = read("spool_refused_records");
    facts.attempts_left_seconds =
        ReadByLabel(metrics.body, "sluice_ingest_attempts_left_seconds", "provider");
  }
  return facts;
}

}  // namespace ctl
