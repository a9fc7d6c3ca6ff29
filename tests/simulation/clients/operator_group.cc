// ops/ctl/kafka/group_reader.h and cluster.h on the model cluster, in the place of those on
// librdkafka.
#include <utility>

#include "ops/ctl/kafka/cluster.h"
#include "ops/ctl/kafka/group_reader.h"
#include "tests/simulation/clients/positions.h"
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

Result<std::unique_ptr<Cluster>> Cluster::Open(const ClusterSettings& /*settings*/) {
  return std::unique_ptr<Cluster>(new Cluster(nullptr));
}

/// The model deletes nothing by itself.
Result<std::optional<milliseconds>> Cluster::TimeRetention(const std::string& /*topic*/) {
  return std::optional(milliseconds(-1));
}

}  // namespace ctl
