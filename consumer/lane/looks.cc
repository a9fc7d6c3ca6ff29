#include "consumer/lane/looks.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace consumer {

void Looks::Add(JobId id, Look look) {
  assert(!by_process_.contains(look.process));
  by_process_[look.process] = id;
  ++under_way_of_[look.account];
  looks_.emplace(id, std::move(look));
}

void Looks::Made(JobId id, std::vector<common::Identity> markers, bool is_lost) {
  Look& look = looks_.at(id);
  assert(!look.is_made() && !markers.empty());
  HasEnded(look);
  look.markers = std::move(markers);
  look.is_lost = is_lost;
  ++results_of_[look.partition];
  ++results_;
}

Look Looks::Forget(JobId id) {
  Look look = std::move(looks_.extract(id).mapped());
  by_process_.erase(look.process);
  Count(look);
  return look;
}

std::unordered_set<JobId> Looks::Drop(const std::set<Partition>& partitions) {
  std::unordered_set<JobId> dropped;
  std::erase_if(looks_, [&](const auto& entry) {
    const auto& [id, look] = entry;
    if (!partitions.contains(look.partition)) return false;
    dropped.insert(id);
    by_process_.erase(look.process);
    Count(look);
    return true;
  });
  return dropped;
}

void Looks::Clear() { *this = Looks(); }

std::optional<JobId> Looks::FindAt(const common::ProcessId& process) const {
  const auto found = by_process_.find(process);
  if (found == by_process_.end()) return std::nullopt;
  return found->second;
}

void Looks::WaitBehind(const common::Identity& marker, JobId callback) {
  const auto found = std::ranges::find_if(looks_, [&](const auto& entry) {
    return std::ranges::find(entry.second.markers, marker) != entry.second.markers.end();
  });
  assert(found != looks_.end());
  found->second.behind.push_back(callback);
}

std::size_t Looks::ResultsOf(Partition partition) const {
  const auto found = results_of_.find(partition);
  return found == results_of_.end() ? 0 : found->second;
}

std::size_t Looks::UnderWayOf(AccountIndex account) const {
  const auto found = under_way_of_.find(account);
  return found == under_way_of_.end() ? 0 : found->second;
}

void Looks::HasEnded(const Look& look) { --under_way_of_.at(look.account); }

void Looks::Count(const Look& gone) {
  if (!gone.is_made()) return HasEnded(gone);
  --results_;
  const auto results = results_of_.find(gone.partition);
  if (--results->second == 0) results_of_.erase(results);
}

}  // namespace consumer
