#include "consumer/lane/outstanding.h"

#include <algorithm>
#include <string>

namespace consumer {

void Outstanding::Watch(Partition partition, std::chrono::steady_clock::time_point now) {
  partitions_[partition] = {.epoch = ++epoch_, .announced_until = now};
}

std::unordered_set<JobId> Outstanding::Drop(const std::set<Partition>& partitions) {
  std::erase_if(partitions_, [&](const auto& entry) { return partitions.contains(entry.first); });
  return looks_.Drop(partitions);
}

void Outstanding::Clear() {
  looks_.Clear();
  partitions_.clear();
}

std::map<Partition, Epoch> Outstanding::Epochs() const {
  std::map<Partition, Epoch> epochs;
  for (const auto& [partition, watched] : partitions_) epochs[partition] = watched.epoch;
  return epochs;
}

std::optional<Outstanding::Slot> Outstanding::EntryOf(const Look& look) const {
  const ExpectedTable& table = partitions_.at(look.partition).table;
  const auto slot = table.Find(look.process.str());
  if (!slot || table.At(*slot).state != ExpectedEntry::State::kLooking) return std::nullopt;
  return slot;
}

bool Outstanding::CancelLook(const common::ProcessId& process) {
  const auto id = looks_.FindAt(process);
  if (!id || looks_.At(*id).is_made()) return false;
  fetcher_.Cancel({*id});
  static_cast<void>(looks_.Forget(*id));
  return true;
}

void Outstanding::End(Partition partition, Slot slot, std::optional<ExpectedEnd> end) {
  const common::ProcessId process{std::string(At(partition).table.At(slot).process())};
  const auto id = looks_.FindAt(process);
  const bool is_looked_at = id && looks_.At(*id).partition == partition;
  if (is_looked_at && !CancelLook(process)) return;
  Close(partition, slot, end);
}

void Outstanding::Close(Partition partition, Slot slot, std::optional<ExpectedEnd> end) {
  ExpectedTable& table = At(partition).table;
  const ExpectedEntry& entry = table.At(slot);
  if (end) {
    events_.ExpectedEnded({.row = entry.row,
                           .end = *end,
                           .provider = ProviderOf(entry),
                           .dossier = entry.dossier(),
                           .process = entry.process()});
  }
  table.Remove(slot);
}

std::string_view Outstanding::ProviderOf(const ExpectedEntry& entry) const {
  const bool is_unknown = entry.row == common::ProviderTable::kUnknown;
  return is_unknown ? entry.provider() : std::string_view(providers_[entry.row].name);
}

std::size_t Outstanding::size() const {
  std::size_t size = 0;
  for (const auto& [partition, watched] : partitions_) size += watched.table.size();
  return size;
}

ExpectedCounts Outstanding::Count(const Moment& now) const {
  using std::chrono::milliseconds;
  const auto since = [](auto from, auto until) {
    return std::max(milliseconds(0), std::chrono::duration_cast<milliseconds>(until - from));
  };
  ExpectedCounts counts;
  for (const auto& [partition, watched] : partitions_) {
    const ExpectedTable& table = watched.table;
    counts.due += table.due();
    counts.waiting += table.size() - table.due();
    counts.is_whole = counts.is_whole && watched.is_whole;
    counts.read_age = std::max(counts.read_age.value_or(milliseconds(0)),
                               since(watched.announced_until, now.steady));
    if (const auto due = table.OldestDueTime()) {
      counts.due_age = std::max(counts.due_age, since(*due, now.wall));
    }
  }
  return counts;
}

}  // namespace consumer
