#include "consumer/lane/expected_flow.h"

#include <algorithm>
#include <utility>

namespace consumer {
namespace {

using std::chrono::milliseconds;
using Slot = ExpectedTable::Slot;
using State = ExpectedEntry::State;

constexpr std::size_t kDuePerTurn = 1'000;

}  // namespace

ExpectedFlow::ExpectedFlow(const ExpectedFlowSettings& settings,
                           const common::ProviderTable& providers, Ports ports)
    : settings_(settings),
      providers_(providers),
      ports_(std::move(ports)),
      policy_(settings.expected, settings.not_found_for),
      rate_(settings.expected.rate),
      reach_(providers.DedupReach()) {
  for (const common::ProviderRow& row : providers.rows()) {
    const std::string& name = common::NameOfFacts(row);
    if (std::ranges::find(names_, name) == names_.end()) names_.push_back(name);
  }
}

void ExpectedFlow::Restored(Partition partition, const Now& now) {
  watched_[partition] = Watched{.epoch = ++epoch_, .announced_until = now.steady};
  Follow();
}

std::unordered_set<JobId> ExpectedFlow::Drop(const std::set<Partition>& partitions) {
  std::unordered_set<JobId> dropped;
  std::erase_if(looks_, [&](const auto& entry) {
    if (!partitions.contains(entry.second.partition)) return false;
    dropped.insert(entry.first);
    look_at_.erase(entry.second.process);
    return true;
  });
  std::erase_if(watched_, [&](const auto& entry) { return partitions.contains(entry.first); });
  Follow();
  return dropped;
}

void ExpectedFlow::Clear() {
  looks_.clear();
  look_at_.clear();
  watched_.clear();
  has_more_ = false;
  Follow();
}

void ExpectedFlow::Follow() {
  std::map<Partition, Epoch> partitions;
  for (const auto& [partition, watched] : watched_) partitions[partition] = watched.epoch;
  ports_.announcements.Follow(partitions);
}

void ExpectedFlow::Learn(const std::vector<LogBounds>& bounds, const Now& now) {
  for (const LogBounds& learned : bounds) {
    const auto found = watched_.find(learned.partition);
    if (found == watched_.end()) continue;
    const auto ago = std::chrono::ceil<milliseconds>(now.steady - learned.looked_up_at);
    found->second.end = learned.end;
    found->second.end_seen_at = now.wall - ago;
    auto& passing = found->second.passing;
    if (passing && learned.looked_up_at >= passing->read_at) passing->is_before_end = true;
  }
}

void ExpectedFlow::Turn(const Now& now, bool may_look, Tasks& tasks) {
  TakeIn(now, tasks);
  for (auto& [partition, watched] : watched_) {
    watched.table.MoveDue(now.wall, kDuePerTurn);
    Task& task = tasks.at(partition);
    if (!watched.end || task.NextToRead() < *watched.end) continue;
    watched.read_until = std::max(watched.read_until, watched.end_seen_at);
    if (!watched.passing || !watched.passing->is_before_end) continue;
    task.HasPassed(watched.passing->time, now.wall);
    watched.passing.reset();
  }
  if (may_look) StartLooks(now, tasks);
}

ExpectedFlow::Look ExpectedFlow::Forget(JobId id) {
  auto look = looks_.extract(id);
  look_at_.erase(look.mapped().process);
  if (look.mapped().is_made()) --watched_.at(look.mapped().partition).results;
  return std::move(look.mapped());
}

std::optional<Slot> ExpectedFlow::EntryOf(const Look& look) {
  const ExpectedTable& table = watched_.at(look.partition).table;
  const auto slot = table.Find(look.process.str());
  if (!slot || table.At(*slot).state != State::kLooking) return std::nullopt;
  return slot;
}

ExpectedFlow::Counts ExpectedFlow::Count(const Now& now) const {
  const auto since = [](auto from, auto until) {
    return std::max(milliseconds(0), std::chrono::duration_cast<milliseconds>(until - from));
  };
  Counts counts;
  for (const auto& [partition, watched] : watched_) {
    const ExpectedTable& table = watched.table;
    counts.due += table.due();
    counts.waiting += table.size() - table.due();
    counts.is_whole = counts.is_whole && watched.is_whole;
    counts.read_age = std::max(counts.read_age.value_or(milliseconds(0)),
                               since(watched.announced_until, now.steady));
    if (const auto slot = table.OldestDue()) {
      counts.due_age = std::max(counts.due_age, since(table.At(*slot).due, now.wall));
    }
  }
  return counts;
}

std::size_t ExpectedFlow::size() const {
  std::size_t size = 0;
  for (const auto& [partition, watched] : watched_) size += watched.table.size();
  return size;
}

std::string_view ExpectedFlow::ProviderOf(const ExpectedEntry& entry) const {
  const bool is_unknown = entry.row == common::ProviderTable::kUnknown;
  return is_unknown ? entry.provider() : std::string_view(providers_[entry.row].name);
}

std::string_view ExpectedFlow::NameOfFacts(const Look& look) const {
  const bool is_unknown = look.row == common::ProviderTable::kUnknown;
  return is_unknown ? std::string_view(look.provider) : common::NameOfFacts(providers_[look.row]);
}

}  // namespace consumer
