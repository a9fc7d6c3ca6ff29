#include "tests/soak/hanging.h"

#include <fstream>

#include "tests/harness/json.h"
#include "tests/harness/log_events.h"
#include "tests/soak/instances.h"

namespace soak {
namespace {

constexpr std::chrono::minutes kCommandLimit(5);

std::string NameOf(const Hanging::Open& open) {
  return open.topic + ":" + std::to_string(open.partition);
}

/// Adds the stuck partitions of a running instance, by its last log lines.
void AddStuck(tests::Pipeline& pipeline, const std::string& name, std::set<int>& stuck) {
  const auto count = GaugeOf(pipeline, name, "partitions", {{"state", "stuck"}});
  if (count == 0) return;
  tests::ForEachEvent(pipeline.consumer_program(name).Log(), "restore.stuck",
                      [&](const rapidjson::Document& event) {
                        stuck.insert(static_cast<int>(tests::NumberIn(event, "partition")));
                      });
}

}  // namespace

std::set<int> Hanging::Partitions() const {
  std::set<int> partitions = stuck;
  for (const Open& one : open) partitions.insert(one.partition);
  return partitions;
}

std::string Hanging::ToText() const {
  std::string text;
  for (const Open& one : open) text += NameOf(one) + " ";
  text += "stuck:";
  for (const int partition : stuck) text += " " + std::to_string(partition);
  return text;
}

Hanging FindHanging(tests::Pipeline& pipeline) {
  Hanging hanging;
  const auto& topics = pipeline.topics();
  tests::KafkaClient& kafka = pipeline.kafka();
  for (const std::string& topic : {topics.processes, topics.seen, topics.dead}) {
    const int partitions = kafka.DescribeTopic(topic).value().partitions;
    for (int partition = 0; partition < partitions; ++partition) {
      if (kafka.LastStableOffset(topic, partition) < kafka.HighWatermark(topic, partition)) {
        hanging.open.push_back({topic, partition});
      }
    }
  }
  for (const std::string& name : InstanceNames()) AddStuck(pipeline, name, hanging.stuck);
  return hanging;
}

void EndTransactions(Run& run, const Hanging& hanging) {
  const std::string config = run.pipeline().consumer_yaml(InstanceNames().front());
  const std::string ctl = tests::Binary("sluicectl");
  const auto listed = tests::RunProgram(ctl, {"transactions", "--config", config}, kCommandLimit);
  std::ofstream(run.directory() / "transactions.txt") << listed.output << listed.error_output;
  if (hanging.open.empty()) return;
  std::vector<std::string> arguments{"transactions", "end", "--config", config};
  for (const auto& open : hanging.open) arguments.push_back(NameOf(open));
  const auto ended = tests::RunProgram(ctl, std::move(arguments), kCommandLimit);
  std::ofstream(run.directory() / "ended.txt") << ended.output << ended.error_output;
  run.Step(ended.output + ended.error_output);
}

}  // namespace soak
