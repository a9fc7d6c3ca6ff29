#include "ops/ctl/raise/raise_survey.h"

#include <algorithm>
#include <numeric>
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
  partitions_ = facts.counts.at(names.callbacks);
  if (partitions_ == 0) return facts;
  const auto group = group_->Describe(Deadline::After(kLookUpLimit));
  if (!group) return group.error();
  for (const GroupMember& member : group->members) facts.members.push_back(member.name);
  const auto committed = Committed();
  if (!committed) return committed.error();
  facts.has_offsets = !committed->empty();
  for (const auto& [partition, offset] : *committed) {
    if (offset.metadata.partitions) facts.rests_on.insert(*offset.metadata.partitions);
  }
  return facts;
}

Result<CommittedOffsets> RaiseSurvey::Committed() {
  std::vector<std::int32_t> all(static_cast<std::size_t>(partitions_));
  std::iota(all.begin(), all.end(), 0);
  return group_->Committed(all, Deadline::After(kLookUpLimit));
}

Result<WaitingCallbacks> RaiseSurvey::Waiting(Extents logs, const CommittedOffsets& committed,
                                              int to) {
  for (auto& [partition, extent] : logs) {
    const auto passed = committed.find(partition);
    if (passed == committed.end()) continue;
    extent.from = std::clamp(passed->second.offset, extent.from, extent.to);
  }
  // Records, not offsets: at the end of a log that a mirror has written lie control records.
  WaitingCallbacks waiting;
  Progress progress(output_, settings_.topics.callbacks);
  const auto read = callbacks_->Read(
      {.extents = std::move(logs),
       .visit =
           [&](const ScannedRecord& record) {
             ++waiting.count;
             if (common::PartitionOf(record.key(), to) != record.partition()) ++waiting.misplaced;
             waiting.oldest = std::min(waiting.oldest.value_or(record.time()), record.time());
             return true;
           },
       .progress = [&](std::int64_t done, std::int64_t total) { progress.Show(done, total); },
       .stop = stop_});
  if (!read) return read.error();
  if (*read == TopicScan::Ended::kByStop) return Interrupted();
  return waiting;
}

Result<std::int64_t> RaiseSurvey::CountMisplaced(const Extents& extents, int to) {
  std::int64_t misplaced = 0;
  const auto read =
      callbacks_->Read({.extents = extents,
                        .visit =
                            [&](const ScannedRecord& record) {
                              if (common::PartitionOf(record.key(), to) != record.partition()) {
                                ++misplaced;
                              }
                              return true;
                            },
                        .stop = stop_});
  if (!read) return read.error();
  if (*read == TopicScan::Ended::kByStop) return Interrupted();
  return misplaced;
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
      refusals.push_back("a transaction is open on " + topic + " " + std::to_string(partition) +
                         ": see sluicectl transactions");
    }
  }
  return refusals;
}

}  // namespace ctl
