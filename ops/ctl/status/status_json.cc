#include <cmath>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/json/object_writer.h"
#include "ops/ctl/shell/output.h"
#include "ops/ctl/status/status_report.h"

namespace ctl {
namespace {

using common::WallTime;
using common::json::ObjectWriter;
using common::json::Quote;

std::string Array(const std::vector<std::string>& values) {
  std::string text;
  for (const std::string& value : values) text += (text.empty() ? "" : ",") + value;
  return "[" + text + "]";
}

std::optional<std::string> TextOf(const std::optional<WallTime>& time) {
  return time ? std::optional(common::FormatRfc3339(*time)) : std::nullopt;
}

std::string Quoted(const std::vector<std::string>& texts) {
  std::vector<std::string> quoted;
  quoted.reserve(texts.size());
  for (const std::string& text : texts) quoted.push_back(Quote(text));
  return Array(quoted);
}

std::string JsonOf(const KafkaFacts& kafka, const GroupFacts& group, const std::string& name) {
  std::vector<std::string> members;
  for (const GroupMember& member : group.members) {
    std::vector<std::string> held;
    for (const common::Partition partition : member.partitions) held.push_back(ToText(partition));
    members.push_back(ObjectWriter()
                          .Text("name", member.name)
                          .Text("host", member.host)
                          .Raw("partitions", Array(held))
                          .Number("lag", WaitingIn(kafka, member.partitions).lag)
                          .Finish());
  }
  std::vector<std::string> unread;
  for (const common::Partition partition : UnassignedPartitions(kafka))
    unread.push_back(ToText(partition));
  return ObjectWriter()
      .Text("name", name)
      .Text("state", group.state)
      .Raw("members", Array(members))
      .Raw("unreadPartitions", Array(unread))
      .Finish();
}

std::string AccountsOf(const InstanceFacts& instance) {
  std::vector<std::string> accounts;
  for (const auto& [name, is_open] : instance.account_breaker_open) {
    const auto count = [&account = name](const std::map<std::string, double>& of) {
      const auto found = of.find(account);
      return found == of.end() ? 0 : std::llround(found->second);
    };
    accounts.push_back(ObjectWriter()
                           .Text("name", name)
                           .Bool("breakerOpen", is_open > 0)
                           .Number("pending", count(instance.account_pending))
                           .Number("passedOver", count(instance.account_passed_over))
                           .Finish());
  }
  return Array(accounts);
}

std::string JsonOf(const PartitionFacts& partition) {
  ObjectWriter writer;
  writer.Number("partition", partition.partition.number());
  if (partition.committed) writer.Number("committed", partition.committed->number());
  writer.Number("begin", partition.begin.number())
      .Number("end", partition.end.number())
      .Number("lag", partition.lag)
      .TextOrNull("oldest", TextOf(partition.oldest))
      .TextOrNull("lastResult", TextOf(partition.last_result))
      .Bool("wentBack", partition.HasGoneBack())
      .Number("expiredUnread", partition.ExpiredUnread());
  if (partition.rests_on.partitions) {
    writer.Number("restsOnPartitions", *partition.rests_on.partitions);
  }
  if (partition.pending_for.count() > 0) writer.Number("pendingMs", partition.pending_for.count());
  return writer.Finish();
}

std::string JsonOf(const DeadFacts& dead) {
  ObjectWriter reasons;
  for (const auto& [reason, count] : dead.last_hour) reasons.Number(reason, count);
  return ObjectWriter()
      .Number("total", dead.total)
      .Bool("isExact", dead.is_exact)
      .Number("lastHour", dead.LastHour())
      .Raw("lastHourByReason", reasons.Finish())
      .Finish();
}

std::string JsonOf(const OpenTransaction& open) {
  ObjectWriter writer;
  writer.Text("topic", open.topic)
      .Number("partition", open.partition.number())
      .Number("offset", open.offset.number())
      .TextOrNull("since", TextOf(open.since))
      .Number("seenForMs", open.seen_for.count());
  if (!open.instance.empty()) writer.Text("instance", open.instance);
  if (!open.transaction.empty()) writer.Text("transaction", open.transaction);
  return writer.Finish();
}

std::string JsonOf(const common::kafka::TopicFinding& finding) {
  return ObjectWriter()
      .Text("fault", ToText(finding.fault))
      .Text("topic", finding.topic)
      .Bool("refused", IsRefused(finding.fault))
      .Text("text", finding.text)
      .Finish();
}

std::string JsonOf(const InstanceFacts& instance);

template <typename Element>
std::string ArrayOf(const std::vector<Element>& elements) {
  std::vector<std::string> texts;
  texts.reserve(elements.size());
  for (const Element& element : elements) texts.push_back(JsonOf(element));
  return Array(texts);
}

/// Unknown facts are null.
std::string JsonOf(const KafkaFacts& kafka, const std::string& group) {
  const auto if_known = [](const auto& fact, auto render) {
    return fact ? std::optional<std::string>(render(*fact)) : std::nullopt;
  };
  const auto dead = [](const DeadFacts& facts) { return JsonOf(facts); };
  const auto array = [](const auto& elements) { return ArrayOf(elements); };
  return ObjectWriter()
      .RawOrNull("group", if_known(kafka.group,
                                   [&](const auto& facts) { return JsonOf(kafka, facts, group); }))
      .Number("lag", LagOf(kafka))
      .Raw("partitions", ArrayOf(kafka.partitions))
      .RawOrNull("transactions", if_known(kafka.transactions, array))
      .RawOrNull("topics", if_known(kafka.topics, array))
      .RawOrNull("deadLetters", if_known(kafka.dead, dead))
      .TextOrNull("lastResult", TextOf(kafka.LastResult()))
      .Finish();
}

std::string JsonOf(const InstanceFacts& instance) {
  ObjectWriter writer;
  writer.Text("url", instance.url);
  if (!instance.error.empty()) return writer.Text("error", instance.error).Finish();
  writer.Text("kind", instance.kind == InstanceFacts::Kind::kConsumer ? "consumer" : "ingest")
      .Bool("ready", instance.is_ready)
      .Raw("missing", Quoted(instance.missing));
  const auto add = [&](std::string_view name, const std::optional<double>& number) {
    if (number) writer.Number(name, std::llround(*number));
  };
  add("inFlight", instance.in_flight);
  add("pending", instance.pending);
  add("oldestPendingSeconds", instance.oldest_pending_seconds);
  add("concurrencyLimit", instance.concurrency_limit);
  add("restoring", instance.restoring);
  add("lag", instance.lag);
  add("setAside", instance.set_aside);
  add("expiredUnread", instance.expired_unread);
  add("logWentBack", instance.log_went_back);
  add("transactionsForgotten", instance.transactions_forgotten);
  add("clockSkewSeconds", instance.clock_skew_seconds);
  add("expectedWaiting", instance.expected_waiting);
  add("expectedDue", instance.expected_due);
  add("expectedReadAgeSeconds", instance.expected_read_age_seconds);
  add("expectedDueAgeSeconds", instance.expected_due_age_seconds);
  add("spoolRecords", instance.spool_records);
  add("spoolBytes", instance.spool_bytes);
  add("spoolOldestSeconds", instance.spool_oldest_seconds);
  add("spoolRefusedRecords", instance.spool_refused_records);
  if (instance.breaker_open) writer.Bool("breakerOpen", *instance.breaker_open > 0);
  if (!instance.account_breaker_open.empty()) writer.Raw("accounts", AccountsOf(instance));
  if (instance.kafka_up) writer.Bool("kafkaUp", *instance.kafka_up > 0);
  return writer.Finish();
}

std::string JsonOf(const Rates& rates) {
  return ObjectWriter()
      .Number("inPerMinute", std::llround(60 * rates.in))
      .Number("handledPerMinute", std::llround(60 * rates.handled))
      .Finish();
}

}  // namespace

std::string RenderStatusJson(const StatusFacts& facts, const StatusVerdict& verdict) {
  ObjectWriter writer;
  writer.Bool("ok", verdict.IsWell())
      .Text("time", common::FormatRfc3339(facts.now))
      .Raw("troubles", Quoted(verdict.troubles))
      .Raw("unknown", Quoted(verdict.unknown))
      .Raw("remarks", Quoted(verdict.remarks))
      .RawOrNull("kafka",
                 facts.kafka ? std::optional(JsonOf(*facts.kafka, facts.group)) : std::nullopt)
      .Raw("instances", ArrayOf(facts.instances));
  if (facts.rates) writer.Raw("rates", JsonOf(*facts.rates));
  return writer.Finish() + "\n";
}

}  // namespace ctl
