#include "ops/ctl/raise/raise_survey.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "common/base/deadline.h"
#include "common/domain/key_partition.h"
#include "ops/ctl/shell/arguments.h"
#include "ops/ctl/shell/progress.h"

namespace ctl {
namespace {

using common::Deadline;
using common::Result;

}  // namespace

RaiseSurvey::RaiseSurvey(const ClusterSettings& settings, Output& output, std::stop_token stop)
    : settings_(settings), output_(output), stop_(std::move(stop)) {}

Result<std::unique_ptr<RaiseSurvey>> RaiseSurvey::Open(const ClusterSettings& settings,
                                                       Output& output, std::stop_token stop) {
  std::unique_ptr<RaiseSurvey> survey(new RaiseSurvey(settings, output, std::move(stop)));
  auto cluster = Cluster::Open(settings);
  if (!cluster) return cluster.error();
  survey->cluster_ = *std::move(cluster);
  auto group = GroupReader::Open(settings);
  if (!group) return group.error();
  survey->group_ = *std::move(group);
  auto callbacks = TopicScan::Open(settings, settings.topics.callbacks);
  if (!callbacks) return callbacks.error();
  survey->callbacks_ = *std::move(callbacks);
  return survey;
}

Result<RaiseFacts> RaiseSurvey::Facts() {
  const common::TopicNames& names = settings_.topics;
  const std::vector<std::string> topics{names.callbacks, names.seen, names.processes,
                                        names.expected};
  const auto described = cluster_->Facts(topics);
  if (!described) return described.error();
  RaiseFacts facts;
  for (const std::string& topic : topics) {
    facts.counts[topic] = described->topics.at(topic).partitions;
  }
  const int partitions = facts.counts.at(names.callbacks);
  if (partitions == 0) return facts;
  const auto group = group_->Describe(Deadline::After(kLookUpLimit));
  if (!group) return group.error();
  for (const GroupMember& member : group->members) facts.members.push_back(member.name);
  auto committed =
      group_->Committed(common::AllPartitions(partitions), Deadline::After(kLookUpLimit));
  if (!committed) return committed.error();
  facts.has_offsets = !committed->empty();
  for (const auto& [partition, offset] : *committed) {
    if (offset.metadata.partitions) facts.rests_on.insert(*offset.metadata.partitions);
  }
  committed_ = *std::move(committed);
  return facts;
}

Result<WaitingCallbacks> RaiseSurvey::Waiting(const Extents& logs, int to) {
  Extents not_passed = logs;
  for (auto& [partition, extent] : not_passed) {
    const auto passed = committed_.find(partition);
    if (passed == committed_.end()) continue;
    extent.from = std::clamp(passed->second.offset, extent.from, extent.to);
  }
  return Count(not_passed, to);
}

// Records, not offsets: at the end of a log that a mirror has written lie control records.
Result<WaitingCallbacks> RaiseSurvey::Count(const Extents& extents, int to) {
  WaitingCallbacks found;
  Progress progress(output_, settings_.topics.callbacks);
  const auto read = callbacks_->Read(
      {.extents = extents,
       .visit =
           [&](const ScannedRecord& record) {
             ++found.count;
             if (common::PartitionOf(record.key(), to) != record.partition()) ++found.misplaced;
             found.oldest = std::min(found.oldest.value_or(record.time()), record.time());
             return true;
           },
       .progress = [&](std::int64_t done, std::int64_t total) { progress.Show(done, total); },
       .stop = stop_});
  if (!read) return read.error();
  if (*read == TopicScan::Ended::kByStop) return Interrupted();
  return found;
}

Result<RaiseRefusals> RaiseSurvey::OpenOn(TopicScan& scan, const std::string& topic) {
  const auto extents = scan.Find({});
  if (!extents) return extents.error();
  const auto stable = scan.FindStableEnds(*extents);
  if (!stable) return stable.error();
  RaiseRefusals refusals;
  for (const auto& [partition, extent] : *extents) {
    const auto end = stable->find(partition);
    if (end != stable->end() && end->second < extent.to) {
      refusals.push_back("a transaction is open on " + topic + " " + ToText(partition) +
                         ": see sluicectl transactions");
    }
  }
  return refusals;
}

}  // namespace ctl
