#include "consumer/kafka/topic_watch.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <set>

namespace consumer {
namespace {

using Unchecked = std::map<Partition, std::vector<common::OffsetWitness>>;

/// Each takes three requests, one after the other, and a look must not take long.
constexpr std::ptrdiff_t kMostCheckedAtOnce = 4;

/// The oldest one and the newest ones. The others stay unchecked until a later look.
Unchecked SomeOf(Unchecked unchecked) {
  for (auto& [partition, witnesses] : unchecked) {
    if (std::ssize(witnesses) <= kMostCheckedAtOnce) continue;
    witnesses.erase(witnesses.begin() + 1, witnesses.end() - (kMostCheckedAtOnce - 1));
  }
  return unchecked;
}

}  // namespace

std::optional<std::int64_t> LagOf(const std::vector<Partition>& partitions,
                                  const CommittedOffsets& committed, const Offsets& begins,
                                  const Offsets& ends) {
  std::int64_t lag = 0;
  for (const Partition partition : partitions) {
    const auto left = committed.find(partition);
    const auto begin = begins.find(partition);
    const auto end = ends.find(partition);
    if (left == committed.end() || begin == begins.end() || end == ends.end()) return std::nullopt;
    lag += CountUnread(left->second.offset, {.begin = begin->second, .end = end->second});
  }
  return lag;
}

std::optional<int> TopicWatch::CountPartitions(LogReader& reader, const NewDeadline& deadline) {
  const std::optional<int> partitions = reader.Partitions(deadline());
  if (!partitions) return std::nullopt;
  CommittedOffsets committed = reader.Committed(common::AllPartitions(*partitions),
                                                LogReader::Stability::kRough, deadline());
  if (committed.empty()) return std::nullopt;
  partitions_ = *partitions;
  committed_ = std::move(committed);
  view_.change.reset();
  const auto rests_on = [&](std::optional<int> before) {
    if (before && *before != partitions_) view_.change = PartitionsChange{*before, partitions_};
  };
  rests_on(restored_among_);
  for (const auto& [partition, left] : committed_) rests_on(left.metadata.partitions);
  return partitions_;
}

std::vector<LogBounds> TopicWatch::Look(LogReader& reader, const Watched& watched,
                                        const NewDeadline& deadline) {
  const bool is_counted = CountPartitions(reader, deadline).has_value();
  if (!is_counted) {
    view_.unread.reset();
  } else if (is_group_due_ || watched.assigned.empty()) {
    LookAtGroup(reader, watched, deadline);
    is_group_due_ = false;
  } else {
    is_group_due_ = true;  // The group changes less often than the logs.
  }
  return LookAtLogs(reader, watched, deadline);
}

void TopicWatch::LookAtGroup(LogReader& reader, const Watched& watched,
                             const NewDeadline& deadline) {
  view_.unread.reset();
  const std::optional<common::kafka::GroupFacts> group = reader.Group(deadline());
  // During a rebalance no member has a partition yet.
  if (!group || group->state != "Stable") return;
  std::set<Partition> read;
  for (const auto& member : group->members) {
    read.insert(member.partitions.begin(), member.partitions.end());
  }
  std::vector<Partition> nobodys;
  for (const Partition partition : common::AllPartitions(partitions_)) {
    if (!read.contains(partition)) nobodys.push_back(partition);
  }
  UnreadPartitions unread;
  unread.count = nobodys.size();
  const Offsets begins = reader.Begins(callbacks_, nobodys, deadline());
  unread.lag = LagOf(nobodys, committed_, begins, reader.Ends(callbacks_, nobodys, deadline()));
  const auto is_us = [&](const auto& member) {
    return !watched.standing.member_id.empty() && member.id == watched.standing.member_id;
  };
  const auto idle = std::ranges::find_if(group->members, [](const auto& member) {
    return member.partitions.empty() && member.others == 0;
  });
  unread.is_ours_to_tell = !group->members.empty() && is_us(group->members.front());
  unread.is_ours_to_heal = idle != group->members.end() && is_us(*idle);
  view_.unread = unread;
  ++view_.looks;
}

std::vector<LogBounds> TopicWatch::LookAtLogs(LogReader& reader, const Watched& watched,
                                              const NewDeadline& deadline) {
  std::map<Partition, ReadPosition> positions;
  for (const Partition partition : watched.assigned) positions[partition] = {};
  for (const auto& [partition, position] : watched.standing.positions) {
    const auto anchor = anchors_.find(partition);
    const auto first = watched.first.find(partition);
    positions[partition] = position;
    if (anchor != anchors_.end()) {
      positions[partition].last = anchor->second;
    } else if (first != watched.first.end()) {
      positions[partition].last = first->second.last;
    }
  }
  // Of one that is being restored, only what was committed can tell that its log went back.
  for (const Partition partition : watched.restoring) {
    const auto left = committed_.find(partition);
    if (left == committed_.end() || left->second.is_absent) continue;
    positions[partition] = {.next = left->second.offset, .last = left->second.metadata.last};
  }
  const auto looked_up_at = std::chrono::steady_clock::now();
  const Offsets readable = reader.StableEnds(callbacks_, watched.assigned, deadline());
  std::map<Partition, SurveyedLog> logs = Survey(reader, callbacks_, positions, deadline);
  const Unchecked unchecked_now = SomeOf(watched.standing.unchecked);
  SurveyUnchecked(reader, callbacks_, unchecked_now, logs, deadline);
  std::vector<LogBounds> bounds;
  for (const auto& [partition, found] : logs) {
    LogBounds& bound = bounds.emplace_back();
    bound.partition = partition;
    bound.begin = found.log.begin;
    bound.end = found.log.end;
    bound.went_back = found.went_back;
    bound.looked_up_at = looked_up_at;
    const auto stable = readable.find(partition);
    if (stable != readable.end()) bound.readable = std::min(stable->second, bound.end);
    const auto left = committed_.find(partition);
    const bool is_restoring =
        std::ranges::find(watched.restoring, partition) != watched.restoring.end();
    if (is_restoring && left != committed_.end()) bound.committed = left->second.offset;
    const auto checked = unchecked_now.find(partition);
    if (checked != unchecked_now.end()) bound.checked = checked->second;
    const auto position = watched.standing.positions.find(partition);
    if (position == watched.standing.positions.end() || !position->second.last) continue;
    if (found.went_back) continue;  // Reported again until the restore begins.
    anchors_[partition] = *position->second.last;
  }
  return bounds;
}

}  // namespace consumer
