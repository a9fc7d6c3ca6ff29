// The judge on offsets, hand-overs, and logs that lose records.
#include <algorithm>

#include "common/domain/offset_metadata.h"
#include "tests/simulation/world/judge.h"

namespace simulation {
namespace {

constexpr std::chrono::seconds kUntilLook{20};

std::string TextOf(int partition, Offset offset) {
  return std::to_string(partition) + "/" + std::to_string(offset);
}

}  // namespace

void Judge::OffsetCommitted(int partition, const Committed& committed) {
  Offset& before = committed_[partition];
  const bool means_something = !cut_.contains(partition);
  if (means_something && committed.offset < before) {
    Blame("the offset of partition " + std::to_string(partition) + " goes back from " +
          std::to_string(before) + " to " + std::to_string(committed.offset));
  }
  for (Offset at = before; means_something && at < committed.offset; ++at) {
    const auto found = callbacks_.find({partition, at});
    if (found == callbacks_.end() || IsDisposedOf(facts_.at(found->second))) continue;
    Blame("an offset passes callback " + TextOf(partition, at) + " of fact " + found->second +
          ", which is not disposed of");
  }
  before = committed.offset;
  is_told_.erase(partition);
}

const std::string& Judge::Lose(std::map<std::pair<int, Offset>, std::string>::iterator callback) {
  const auto fact = facts_.find(callback->second);
  fact->second.callbacks.erase(callback->first);
  const auto announcing = announced_.find(fact->first);
  if (announcing != announced_.end()) announcing->second.in_time.erase(callback->first);
  callbacks_.erase(callback);
  return fact->first;
}

void Judge::Truncated(int partition, Offset end) {
  for (auto at = callbacks_.lower_bound({partition, end});
       at != callbacks_.end() && at->first.first == partition;) {
    static_cast<void>(Lose(at++));
  }
  has_gone_back_.insert(partition);
  const auto [cut, is_first] = cut_.try_emplace(partition, end);
  cut->second = std::min(cut->second, end);
  const auto& offsets = cluster_->group().offsets();
  const auto committed = offsets.find(partition);
  // A lane that reads the log again, or whose offset is pending, may be below the new end, too.
  const bool is_read_again =
      is_told_.contains(partition) || cluster_->group().HasPending(partition);
  const bool is_known = is_first && committed != offsets.end() && !is_read_again;
  if (is_known && committed->second.offset > end) must_tell_[partition] = end;
}

void Judge::Recreated(int partition) {
  Truncated(partition, 0);
  // Without an offset, nobody can know.
  must_tell_.erase(partition);
  ForgiveExpired(partition);
}

// Without a committed offset nobody can know that there was something to read.
void Judge::Expired(int partition, Offset begin) {
  const bool is_known = cluster_->group().offsets().contains(partition);
  expired_until_[partition] = std::max(expired_until_[partition], begin);
  for (auto at = callbacks_.lower_bound({partition, 0});
       at != callbacks_.end() && at->first < std::pair(partition, begin);) {
    const Offset offset = at->first.second;
    const std::string& name = Lose(at++);
    const Fact& fact = facts_.at(name);
    if (!fact.is_lost() || IsDisposedOf(fact) || !is_known) continue;
    expired_.push_back({.partition = partition,
                        .from = offset,
                        .to = offset + 1,
                        .at = runtime_->now(),
                        .fact = name});
  }
  const auto cut = must_tell_.find(partition);
  if (cut != must_tell_.end() && begin > cut->second) must_tell_.erase(cut);
}

void Judge::Restored(int partition, Offset start, const Member& member) {
  if (!cluster_->group().IsOwner(member, partition)) return;
  for (const Topic topic : {Topic::kProcesses, Topic::kSeen}) {
    const Place place{topic, partition};
    const PartitionLog& log = cluster_->log(place);
    for (Offset at = log.stable_end(); at < log.end(); ++at) {
      if (log.At(at).fate == Fate::kOpen) left_open_.emplace(place, at);
    }
  }
  cluster_->trace().Note(runtime_->now(), "a lane has restored", partition, start);
  ForgivePassed(partition);
  // One that lost the partition since it saw the log go back reads it from its beginning, too.
  if (has_gone_back_.contains(partition)) {
    committed_[partition] = std::min(committed_[partition], start);
  }
  const auto cut = cut_.find(partition);
  if (cut == cut_.end()) return;
  if (start > cut->second) return ForgiveUnwitnessed(partition, cut->second, start);
  cut_.erase(cut);
  committed_[partition] = start;
}

// A lane that has skipped expired callbacks and read nothing since commits an offset without a
// witness. If the topic is made anew meanwhile and grows beyond that offset before it is restored,
// nothing tells: a known hole (ops/docs/simulation.md).
void Judge::ForgiveUnwitnessed(int partition, Offset cut, Offset start) {
  const auto committed = cluster_->group().offsets().find(partition);
  if (committed == cluster_->group().offsets().end()) return;
  if (common::ReadOffsetMetadata(committed->second.metadata).last) return;
  must_tell_.erase(partition);
  for (auto at = callbacks_.lower_bound({partition, cut});
       at != callbacks_.end() && at->first < std::pair(partition, start);) {
    static_cast<void>(Lose(at++));
  }
}

// Logs are compared every few seconds: records expire, and the owner passes them, commits and hands
// over before the next look.
// Or the offset is of a former log, and the records that would tell are among the expired ones.
void Judge::ForgivePassed(int partition) {
  const auto committed = cluster_->group().offsets().find(partition);
  if (committed == cluster_->group().offsets().end()) return;
  std::erase_if(expired_, [&](const Range& lost) {
    const bool is_recent = runtime_->now() - lost.at < kUntilLook;
    const bool may_pass = is_recent || has_gone_back_.contains(partition);
    return lost.partition == partition && may_pass && lost.to <= committed->second.offset;
  });
}

void Judge::ForgiveExpired(int partition) {
  std::erase_if(expired_, [&](const Range& lost) { return lost.partition == partition; });
}

void Judge::WentBack(int partition) {
  cluster_->trace().Note(runtime_->now(), "a lane says: went back", partition);
  must_tell_.erase(partition);
  is_told_.insert(partition);
  ForgiveExpired(partition);
  if (has_gone_back_.contains(partition)) return;
  Blame("a lane says that a log went back, but none did: " + std::to_string(partition));
}

void Judge::ExpiredUnread(int partition, Offset from, Offset to) {
  cluster_->trace().Note(runtime_->now(), "a lane says: expired until " + std::to_string(to),
                         partition, from);
  told_.push_back(
      {.partition = partition, .from = from, .to = to, .at = runtime_->now(), .fact = {}});
  if (expired_until_[partition] > from) return;
  Blame("a lane says that callbacks expired which did not: " + TextOf(partition, from));
}

std::vector<std::string> Judge::Untold() const {
  std::vector<std::string> untold;
  for (const auto& [partition, end] : must_tell_) {
    untold.push_back("no lane says that the log ends at " + TextOf(partition, end));
  }
  for (const Range& lost : expired_) {
    if (IsDisposedOf(facts_.at(lost.fact))) continue;
    const bool is_told = std::ranges::any_of(told_, [&](const Range& told) {
      return told.partition == lost.partition && told.from <= lost.from && lost.to <= told.to;
    });
    if (is_told) continue;
    untold.push_back("no lane says that the callback at " + TextOf(lost.partition, lost.from) +
                     " has expired unread");
  }
  return untold;
}

}  // namespace simulation
