#include "ops/ctl/status/status_report.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "ops/ctl/shell/output.h"

namespace ctl {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

using Row = std::vector<std::string>;

/// A value that the instance should export but does not.
constexpr const char* kUnknown = "?";
/// A value that the instance does not have.
constexpr const char* kNone = "-";

std::string Whole(const std::optional<double>& number) {
  return number ? std::to_string(std::llround(*number)) : kUnknown;
}

std::string Age(const std::optional<double>& age_seconds) {
  if (!age_seconds) return kUnknown;
  return *age_seconds <= 0 ? kNone : RenderAge(milliseconds(std::llround(*age_seconds * 1000)));
}

std::string RenderMembers(const StatusFacts& facts) {
  const KafkaFacts& kafka = *facts.kafka;
  std::vector<Row> rows;
  const auto add = [&](const std::string& name, const std::string& host,
                       const std::vector<common::Partition>& partitions) {
    const Waiting waiting = WaitingIn(kafka, partitions);
    std::string oldest = waiting.lag == 0 ? kNone : kUnknown;
    if (waiting.oldest) oldest = RenderAge(facts.Now() - *waiting.oldest);
    rows.push_back({Printable(name), Printable(host), RenderPartitions(partitions),
                    std::to_string(waiting.lag), oldest});
  };
  if (kafka.group) {
    for (const GroupMember& member : kafka.group->members) {
      add(member.name, member.host, member.partitions);
    }
    if (const auto unheld = UnassignedPartitions(kafka); !unheld.empty())
      add("(nobody)", kNone, unheld);
  } else {
    std::vector<common::Partition> all;
    for (const PartitionFacts& partition : kafka.partitions) all.push_back(partition.partition);
    add(kUnknown, kUnknown, all);
  }
  return RenderTable({"MEMBER", "HOST", "PARTITIONS", "WAITING", "OLDEST"}, rows);
}

Row RowOf(const InstanceFacts& instance) {
  const std::string url = Printable(instance.url);
  if (!instance.error.empty()) {
    return {url, kUnknown, "no answer", kUnknown, kUnknown, kUnknown, kUnknown, kUnknown, kUnknown};
  }
  const char* const state = !instance.is_ready                   ? "NOT READY"
                            : instance.restoring.value_or(0) > 0 ? "restoring"
                                                                 : "ready";
  if (instance.kind == InstanceFacts::Kind::kIngest) {
    return {url,
            "ingest",
            state,
            Whole(instance.in_flight),
            kNone,
            kNone,
            kNone,
            Whole(instance.spool_records),
            Age(instance.spool_oldest_seconds)};
  }
  std::string in_flight = Whole(instance.in_flight);
  if (instance.concurrency_limit) in_flight += " of " + Whole(instance.concurrency_limit);
  const std::string breaker = !instance.breaker_open       ? kUnknown
                              : *instance.breaker_open > 0 ? "OPEN"
                                                           : "closed";
  return {url,
          "consumer",
          state,
          in_flight,
          Whole(instance.pending),
          Age(instance.oldest_pending_seconds),
          breaker,
          kNone,
          kNone};
}

std::string RenderInstances(const std::vector<InstanceFacts>& instances) {
  std::vector<Row> rows;
  rows.reserve(instances.size());
  for (const InstanceFacts& instance : instances) rows.push_back(RowOf(instance));
  return RenderTable({"INSTANCE", "KIND", "STATE", "IN FLIGHT", "PENDING", "OLDEST", "BREAKER",
                      "SPOOLED", "OLDEST"},
                     rows);
}

std::string RenderDead(const std::optional<DeadFacts>& dead) {
  if (!dead) return "dead letters: unknown\n";
  std::string text = "dead letters: " + std::string(dead->is_exact ? "" : "at most ") +
                     std::to_string(dead->total) + ", in the last hour " +
                     std::to_string(dead->LastHour());
  for (const auto& [reason, count] : dead->last_hour) {
    text += ", " + std::to_string(count) + " " + Printable(reason);
  }
  return text + "\n";
}

/// Empty if no instance watches for announced processes.
std::string RenderExpected(const std::vector<InstanceFacts>& instances) {
  double waiting = 0;
  double due = 0;
  bool is_watched = false;
  bool is_known = true;
  for (const InstanceFacts& instance : instances) {
    if (!instance.expected_due && !instance.expected_read_age_seconds) continue;
    is_watched = true;
    is_known = is_known && instance.expected_due.has_value();
    waiting += instance.expected_waiting.value_or(0);
    due += instance.expected_due.value_or(0);
  }
  if (!is_watched) return {};
  if (!is_known) return "announced processes: unknown\n";
  return "announced processes: " + Whole(waiting + due) + " without a callback, " + Whole(due) +
         " to be asked for now\n";
}

std::string RenderLastResult(const StatusFacts& facts) {
  const auto last = facts.kafka->LastResult();
  if (last) return "last result: " + RenderAge(facts.Now() - *last) + " ago\n";
  return facts.kafka->are_results_known ? "last result: none\n" : "last result: unknown\n";
}

std::string RenderRates(const Rates& rates) {
  const auto render = [](double rate) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), rate < 10 ? "%.1f" : "%.0f", rate);
    return std::string(text.data()) + "/s";
  };
  return "callbacks: " + render(rates.in) + " come in, " + render(rates.handled) + " are handled\n";
}

std::string HeadLine(const StatusFacts& facts, const StatusVerdict& verdict) {
  if (!verdict.troubles.empty()) return "NOT WELL\n";
  if (!verdict.unknown.empty()) return "UNKNOWN whether all is well\n";
  // If all is well, all facts are known.
  const KafkaFacts& kafka = *facts.kafka;
  const std::int64_t lag = LagOf(kafka);
  const std::size_t members = kafka.group->members.size();
  const std::int64_t letters = kafka.dead->LastHour();
  return "ok: " + std::to_string(members) + (members == 1 ? " member reads " : " members read ") +
         std::to_string(kafka.partitions.size()) + " partitions, " +
         (lag == 0 ? "nothing waits" : std::to_string(lag) + " in hand or waiting") + ", " +
         (letters == 0 ? "no" : std::to_string(letters)) +
         (letters < 2 ? " dead letter" : " dead letters") + " in the last hour\n";
}

std::string Head(const StatusFacts& facts, const StatusVerdict& verdict) {
  std::string text = HeadLine(facts, verdict);
  const auto add = [&](const std::string& what, const std::vector<std::string>& sentences) {
    for (const std::string& one : sentences) text += "  " + what + Printable(one) + "\n";
  };
  add("", verdict.troubles);
  add("unknown: ", verdict.unknown);
  add("note: ", verdict.remarks);
  return text;
}

}  // namespace

std::string RenderPartitions(const std::vector<common::Partition>& partitions) {
  std::string text;
  for (std::size_t i = 0; i < partitions.size();) {
    std::size_t last = i;
    while (last + 1 < partitions.size() &&
           partitions[last + 1].number() == partitions[last].number() + 1) {
      ++last;
    }
    text += (text.empty() ? "" : " ") + ToText(partitions[i]);
    if (last > i) text += "-" + ToText(partitions[last]);
    i = last + 1;
  }
  return text.empty() ? "none" : text;
}

std::string RenderStatus(const StatusFacts& facts, const StatusVerdict& verdict) {
  std::string text = Head(facts, verdict);
  if (facts.kafka) text += "\n" + RenderMembers(facts);
  if (!facts.instances.empty()) text += "\n" + RenderInstances(facts.instances);
  if (facts.kafka) text += "\n" + RenderDead(facts.kafka->dead) + RenderLastResult(facts);
  text += RenderExpected(facts.instances);
  if (facts.rates) text += RenderRates(*facts.rates);
  return text;
}

}  // namespace ctl
