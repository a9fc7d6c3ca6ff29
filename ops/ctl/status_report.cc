#include "ops/ctl/status_report.h"

#include <algorithm>
#include <cmath>

#include "ops/ctl/output.h"

namespace ctl {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

using Row = std::vector<std::string>;

std::string Whole(const std::optional<double>& number) {
  return number ? std::to_string(std::llround(*number)) : "-";
}

std::string Age(const std::optional<double>& age_seconds) {
  if (!age_seconds || *age_seconds <= 0) return "-";
  return RenderAge(milliseconds(std::llround(*age_seconds * 1000)));
}

std::string RenderMembers(const StatusFacts& facts) {
  const KafkaFacts& kafka = *facts.kafka;
  std::vector<Row> rows;
  const auto add = [&](const std::string& name, const std::string& host,
                       const std::vector<std::int32_t>& partitions) {
    const Waiting waiting = WaitingIn(kafka, partitions);
    rows.push_back({Printable(name), Printable(host), RenderPartitions(partitions),
                    std::to_string(waiting.lag),
                    waiting.oldest ? RenderAge(facts.now - *waiting.oldest) : "-"});
  };
  for (const GroupMember& member : kafka.group.members) {
    add(member.name, member.host, member.partitions);
  }
  if (const auto unheld = UnheldOf(kafka); !unheld.empty()) add("(nobody)", "-", unheld);
  return RenderTable({"MEMBER", "HOST", "PARTITIONS", "WAITING", "OLDEST"}, rows);
}

Row RowOf(const InstanceFacts& instance) {
  if (!instance.error.empty()) {
    return {Printable(instance.url), "?", "no answer", "-", "-", "-", "-", "-", "-"};
  }
  const bool is_consumer = instance.kind == InstanceFacts::Kind::kConsumer;
  std::string in_flight = Whole(instance.in_flight);
  if (instance.concurrency_limit) in_flight += " of " + Whole(instance.concurrency_limit);
  return {Printable(instance.url),
          is_consumer ? "consumer" : "ingest",
          instance.is_ready ? (instance.restoring.value_or(0) > 0 ? "restoring" : "ready")
                            : "NOT READY",
          in_flight,
          Whole(instance.pending),
          Age(instance.oldest_pending_seconds),
          !instance.breaker_open       ? "-"
          : *instance.breaker_open > 0 ? "OPEN"
                                       : "closed",
          Whole(instance.spool_records),
          Age(instance.spool_oldest_seconds)};
}

std::string RenderInstances(const std::vector<InstanceFacts>& instances) {
  std::vector<Row> rows;
  rows.reserve(instances.size());
  for (const InstanceFacts& instance : instances) rows.push_back(RowOf(instance));
  return RenderTable({"INSTANCE", "KIND", "STATE", "IN FLIGHT", "PENDING", "OLDEST", "BREAKER",
                      "SPOOLED", "OLDEST"},
                     rows);
}

std::string RenderDead(const DeadFacts& dead) {
  std::string text = "dead letters: " + std::string(dead.is_exact ? "" : "at most ") +
                     std::to_string(dead.total) + ", in the last hour " +
                     std::to_string(dead.LastHour());
  for (const auto& [reason, count] : dead.last_hour) {
    text += ", " + std::to_string(count) + " " + Printable(reason);
  }
  return text + "\n";
}

std::string FirstLine(const StatusFacts& facts, const std::vector<std::string>& troubles) {
  if (!troubles.empty()) {
    std::string text = "NOT WELL\n";
    for (const std::string& trouble : troubles) text += "  " + Printable(trouble) + "\n";
    return text;
  }
  const KafkaFacts& kafka = *facts.kafka;
  const std::int64_t lag = LagOf(kafka);
  return "ok: " + std::to_string(kafka.group.members.size()) +
         (kafka.group.members.size() == 1 ? " member reads " : " members read ") +
         std::to_string(kafka.partitions.size()) + " partitions, " +
         (lag == 0 ? "nothing waits" : std::to_string(lag) + " in hand or waiting") +
         ", no dead letter in the last hour\n";
}

}  // namespace

std::string RenderAge(milliseconds age) {
  const std::int64_t all = std::max<std::int64_t>(0, std::chrono::floor<seconds>(age).count());
  if (all < 60) return std::to_string(all) + "s";
  if (all < 3600) return std::to_string(all / 60) + "m" + std::to_string(all % 60) + "s";
  if (all < 86400) return std::to_string(all / 3600) + "h" + std::to_string(all % 3600 / 60) + "m";
  return std::to_string(all / 86400) + "d" + std::to_string(all % 86400 / 3600) + "h";
}

std::string RenderPartitions(const std::vector<std::int32_t>& partitions) {
  std::string text;
  for (std::size_t i = 0; i < partitions.size();) {
    std::size_t last = i;
    while (last + 1 < partitions.size() && partitions[last + 1] == partitions[last] + 1) ++last;
    text += (text.empty() ? "" : " ") + std::to_string(partitions[i]);
    if (last > i) text += "-" + std::to_string(partitions[last]);
    i = last + 1;
  }
  return text.empty() ? "none" : text;
}

std::string RenderStatus(const StatusFacts& facts) {
  std::string text = FirstLine(facts, FindTroubles(facts));
  if (facts.kafka) {
    text += "\n" + RenderMembers(facts);
    if (!facts.instances.empty()) text += "\n" + RenderInstances(facts.instances);
    text += "\n" + RenderDead(facts.kafka->dead);
    text += "last result: " +
            (facts.kafka->last_result ? RenderAge(facts.now - *facts.kafka->last_result) + " ago"
                                      : std::string("none, or not known")) +
            "\n";
  } else if (!facts.instances.empty()) {
    text += "\n" + RenderInstances(facts.instances);
  }
  return text;
}

}  // namespace ctl
