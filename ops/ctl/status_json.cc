#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/json/object_writer.h"
#include "ops/ctl/status_report.h"

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

std::string JsonOf(const KafkaFacts& kafka, const std::string& group) {
  std::vector<std::string> members;
  for (const GroupMember& member : kafka.group.members) {
    std::vector<std::string> held;
    for (const std::int32_t partition : member.partitions)
      held.push_back(std::to_string(partition));
    members.push_back(ObjectWriter()
                          .Text("name", member.name)
                          .Text("host", member.host)
                          .Raw("partitions", Array(held))
                          .Number("lag", WaitingIn(kafka, member.partitions).lag)
                          .Finish());
  }
  std::vector<std::string> partitions;
  for (const PartitionFacts& partition : kafka.partitions) {
    ObjectWriter writer;
    writer.Number("partition", partition.partition);
    if (partition.committed) writer.Number("committed", *partition.committed);
    partitions.push_back(writer.Number("end", partition.end)
                             .Number("lag", partition.lag)
                             .TextOrNull("oldest", TextOf(partition.oldest))
                             .Finish());
  }
  ObjectWriter reasons;
  for (const auto& [reason, count] : kafka.dead.last_hour) reasons.Number(reason, count);
  return ObjectWriter()
      .Raw("group", ObjectWriter()
                        .Text("name", group)
                        .Text("state", kafka.group.state)
                        .Raw("members", Array(members))
                        .Finish())
      .Number("lag", LagOf(kafka))
      .Raw("partitions", Array(partitions))
      .Raw("deadLetters", ObjectWriter()
                              .Number("total", kafka.dead.total)
                              .Bool("isExact", kafka.dead.is_exact)
                              .Number("lastHour", kafka.dead.LastHour())
                              .Raw("lastHourByReason", reasons.Finish())
                              .Finish())
      .TextOrNull("lastResult", TextOf(kafka.last_result))
      .Finish();
}

std::string JsonOf(const InstanceFacts& instance) {
  ObjectWriter writer;
  writer.Text("url", instance.url);
  if (!instance.error.empty()) return writer.Text("error", instance.error).Finish();
  std::vector<std::string> missing;
  missing.reserve(instance.missing.size());
  for (const std::string& word : instance.missing) missing.push_back(Quote(word));
  writer.Text("kind", instance.kind == InstanceFacts::Kind::kConsumer ? "consumer" : "ingest")
      .Bool("ready", instance.is_ready)
      .Raw("missing", Array(missing));
  const auto add = [&](std::string_view name, const std::optional<double>& number) {
    if (number) writer.Number(name, std::llround(*number));
  };
  add("inFlight", instance.in_flight);
  add("pending", instance.pending);
  add("oldestPendingSeconds", instance.oldest_pending_seconds);
  add("concurrencyLimit", instance.concurrency_limit);
  add("restoring", instance.restoring);
  add("spoolRecords", instance.spool_records);
  add("spoolBytes", instance.spool_bytes);
  add("spoolOldestSeconds", instance.spool_oldest_seconds);
  if (instance.breaker_open) writer.Bool("breakerOpen", *instance.breaker_open > 0);
  if (instance.kafka_up) writer.Bool("kafkaUp", *instance.kafka_up > 0);
  return writer.Finish();
}

}  // namespace

std::string RenderStatusJson(const StatusFacts& facts) {
  const std::vector<std::string> troubles = FindTroubles(facts);
  std::vector<std::string> quoted;
  quoted.reserve(troubles.size());
  for (const std::string& trouble : troubles) quoted.push_back(Quote(trouble));
  std::vector<std::string> instances;
  instances.reserve(facts.instances.size());
  for (const InstanceFacts& instance : facts.instances) instances.push_back(JsonOf(instance));
  return ObjectWriter()
             .Bool("ok", troubles.empty())
             .Text("time", common::FormatRfc3339(facts.now))
             .Raw("troubles", Array(quoted))
             .RawOrNull("kafka", facts.kafka ? std::optional(JsonOf(*facts.kafka, facts.group))
                                             : std::nullopt)
             .Raw("instances", Array(instances))
             .Finish() +
         "\n";
}

}  // namespace ctl
