// ops/ctl/kafka/group_reader.h and cluster.h on the model cluster, in the place of those on
// librdkafka.
#include <algorithm>
#include <optional>
#include <utility>

#include "ops/ctl/kafka/cluster.h"
#include "ops/ctl/kafka/group_reader.h"
#include "tests/simulation/clients/positions.h"
#include "tests/simulation/clients/topics.h"
#include "tests/simulation/cluster/cluster.h"

namespace ctl {
namespace {

using common::Deadline;
using common::Error;
using common::Remedy;
using common::Result;
using std::chrono::milliseconds;

simulation::Span Remaining(Deadline deadline) {
  return std::max(simulation::Span(0), deadline.at() - Deadline::Clock::now());
}

Error NoBroker() { return {Remedy::kRetry, "no_broker", "no broker answers"}; }

constexpr milliseconds kOneRequest{1'000};

/// The answer of the first broker that has none but a good one.
template <typename Ask>
auto AskAny(Ask ask) -> std::optional<decltype(ask(0).answer)> {
  for (int broker = 0; broker < simulation::Cluster::Current().settings().brokers; ++broker) {
    const auto reply = ask(broker);
    if (reply.is_good()) return reply.answer;
  }
  return std::nullopt;
}

Result<CommittedOffsets> LookUp(const std::vector<common::Partition>& partitions,
                                bool must_be_stable, Deadline deadline) {
  const auto reply = simulation::Cluster::Current().FetchOffsets(
      simulation::NumbersOf(partitions), must_be_stable, Remaining(deadline));
  if (!reply.is_good()) return NoBroker();
  CommittedOffsets committed;
  for (const auto& [partition, found] : reply.answer.offsets) {
    if (found.offset < 0) continue;
    committed[common::Partition(partition)] = {
        .offset = common::Offset(found.offset),
        .metadata = common::ReadOffsetMetadata(found.metadata)};
  }
  return committed;
}

}  // namespace

GroupReader::GroupReader(const ClusterSettings& settings, std::unique_ptr<KafkaClient> stable,
                         std::unique_ptr<KafkaClient> unstable)
    : group_(settings.group),
      topic_(settings.topics.callbacks),
      client_(std::move(stable)),
      unstable_(std::move(unstable)),
      coordinator_(nullptr, group_) {}

Result<std::unique_ptr<GroupReader>> GroupReader::Open(const ClusterSettings& settings) {
  return std::unique_ptr<GroupReader>(new GroupReader(settings, nullptr, nullptr));
}

Result<CommittedOffsets> GroupReader::Committed(const std::vector<common::Partition>& partitions,
                                                Deadline deadline) {
  return LookUp(partitions, true, deadline);
}

Result<CommittedOffsets> GroupReader::CommittedBefore(
    const std::vector<common::Partition>& partitions, Deadline deadline) {
  return LookUp(partitions, false, deadline);
}

Result<GroupFacts> GroupReader::Describe(Deadline deadline) {
  const auto reply = simulation::Cluster::Current().Describe(Remaining(deadline));
  if (!reply.is_good()) return NoBroker();
  GroupFacts facts;
  facts.state = reply.answer.is_stable ? "Stable" : "PreparingRebalance";
  for (const auto& member : reply.answer.members) {
    facts.members.push_back({.name = member.instance,
                             .id = member.id,
                             .host = "",
                             .partitions = simulation::PartitionsOf(member.partitions)});
  }
  return facts;
}

Result<void> GroupReader::Commit(const CommittedOffsets& offsets, Deadline deadline) {
  simulation::OffsetMap committed;
  for (const auto& [partition, offset] : offsets) {
    committed[partition.number()] = {offset.offset.number(), ToText(offset.metadata)};
  }
  const auto reply =
      simulation::Cluster::Current().CommitPlainOffsets(committed, Remaining(deadline));
  if (!reply.is_answered()) return NoBroker();
  if (reply.answer.code == simulation::Code::kNone) return {};
  return Error{Remedy::kStop, "unexpected", "the group has members"};
}

Result<common::kafka::ClusterFacts> Cluster::Facts(const std::vector<std::string>& topics) {
  simulation::Cluster& cluster = simulation::Cluster::Current();
  common::kafka::ClusterFacts facts{.brokers = cluster.settings().brokers, .topics = {}};
  for (const std::string& name : topics) {
    const simulation::Topic topic = simulation::TopicOf(name);
    common::kafka::TopicFacts& described = facts.topics[name];
    if (topic == simulation::Topic::kExpected && !cluster.settings().has_announcements) continue;
    const auto found =
        AskAny([&](int broker) { return cluster.FindLeaders(topic, broker, kOneRequest); });
    if (!found) return NoBroker();
    described.partitions = found->partitions;
    described.leaderless = static_cast<int>(found->without.size());
  }
  return facts;
}

Result<void> Cluster::AddPartitions(const std::string& topic, int partitions) {
  const auto answer = AskAny([&](int broker) {
    return simulation::Cluster::Current().Grow(simulation::TopicOf(topic), partitions, broker,
                                               kOneRequest);
  });
  if (!answer) return NoBroker();
  return {};
}

Result<std::unique_ptr<Cluster>> Cluster::Open(const ClusterSettings& /*settings*/) {
  return std::unique_ptr<Cluster>(new Cluster(nullptr));
}

/// The model deletes nothing by itself.
Result<std::optional<milliseconds>> Cluster::TimeRetention(const std::string& /*topic*/) {
  return std::optional(milliseconds(-1));
}

}  // namespace ctl
