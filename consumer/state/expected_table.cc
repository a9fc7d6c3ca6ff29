#include "consumer/state/expected_table.h"

#include <algorithm>
#include <functional>
#include <utility>

namespace consumer {
namespace {

constexpr std::size_t kSmallest = 64;

std::size_t SizeOfIds(const ExpectedEntry& entry) {
  return entry.process_size + entry.dossier_size + std::size_t{entry.provider_size};
}

}  // namespace

ExpectedTable::Slot ExpectedTable::Put(const Announced& announced, common::WallTime due) {
  Slot slot = 0;
  if (const auto known = Find(announced.process)) {
    slot = *known;
    LeaveHeap(At(slot));
    id_bytes_ -= SizeOfIds(At(slot));
  } else {
    if ((used_ + 1) * 5 > index_.size() * 4) Grow();
    if (free_.empty()) {
      slot = static_cast<Slot>(entries_.size());
      entries_.emplace_back();
    } else {
      slot = free_.back();
      free_.pop_back();
    }
    index_[PlaceOf(announced.process)] = slot + 1;
    ++used_;
  }
  Fill(entries_[slot], announced);
  Postpone(slot, due);
  return slot;
}

void ExpectedTable::Fill(ExpectedEntry& entry, const Announced& announced) {
  const bool is_unknown = announced.row == common::ProviderTable::kUnknown;
  const std::string_view provider = is_unknown ? announced.provider : std::string_view();
  const std::size_t size = announced.process.size() + announced.dossier.size() + provider.size();
  auto ids = std::make_unique<char[]>(size);
  char* at = std::ranges::copy(announced.process, ids.get()).out;
  at = std::ranges::copy(announced.dossier, at).out;
  std::ranges::copy(provider, at);
  entry = {};
  entry.ids = std::move(ids);
  entry.process_size = static_cast<std::uint16_t>(announced.process.size());
  entry.dossier_size = static_cast<std::uint16_t>(announced.dossier.size());
  entry.provider_size = static_cast<std::uint16_t>(provider.size());
  entry.announced_at = announced.at;
  entry.within_ms = static_cast<std::uint32_t>(announced.within.count());
  entry.row = static_cast<std::uint16_t>(announced.row);
  entry.account = announced.account;
  if (entry.account >= due_.size()) due_.resize(entry.account + std::size_t{1});
  id_bytes_ += size;
}

std::optional<ExpectedTable::Slot> ExpectedTable::Find(std::string_view process) const {
  if (index_.empty()) return std::nullopt;
  const Slot at = index_[PlaceOf(process)];
  return at == 0 ? std::nullopt : std::optional(at - 1);
}

void ExpectedTable::Remove(Slot slot) {
  ExpectedEntry& entry = entries_[slot];
  LeaveHeap(entry);
  // Moves later entries of the run forward, so that no run has a hole.
  std::size_t hole = PlaceOf(entry.process());
  const std::size_t size = index_.size();
  for (std::size_t at = (hole + 1) % size; index_[at] != 0; at = (at + 1) % size) {
    const std::size_t home = HomeOf(entries_[index_[at] - 1].process());
    const bool may_move = (at + size - home) % size >= (at + size - hole) % size;
    if (!may_move) continue;
    index_[hole] = index_[at];
    hole = at;
  }
  index_[hole] = 0;
  id_bytes_ -= SizeOfIds(entry);
  entry = {};
  free_.push_back(slot);
  --used_;
}

void ExpectedTable::MoveDue(common::WallTime now, std::size_t limit) {
  for (; limit > 0 && !waiting_.empty(); --limit) {
    const Slot slot = waiting_.front();
    ExpectedEntry& entry = entries_[slot];
    if (entry.due > now) return;
    Erase(waiting_, 0);
    entry.state = ExpectedEntry::State::kDue;
    Push(due_[entry.account], slot);
  }
}

std::optional<ExpectedTable::Slot> ExpectedTable::OldestDue(std::size_t account) const {
  if (account >= due_.size() || due_[account].empty()) return std::nullopt;
  return due_[account].front();
}

std::optional<common::WallTime> ExpectedTable::OldestDueTime() const {
  std::optional<common::WallTime> oldest;
  for (const Heap& heap : due_) {
    if (heap.empty()) continue;
    const common::WallTime due = entries_[heap.front()].due;
    oldest = std::min(oldest.value_or(due), due);
  }
  return oldest;
}

void ExpectedTable::StartLook(Slot slot) {
  LeaveHeap(entries_[slot]);
  entries_[slot].state = ExpectedEntry::State::kLooking;
}

void ExpectedTable::Postpone(Slot slot, common::WallTime due) {
  ExpectedEntry& entry = entries_[slot];
  LeaveHeap(entry);
  entry.due = due;
  entry.state = ExpectedEntry::State::kWaiting;
  Push(waiting_, slot);
}

std::size_t ExpectedTable::memory_bytes() const {
  std::size_t slots = free_.capacity() + index_.capacity() + waiting_.capacity();
  for (const Heap& heap : due_) slots += heap.capacity();
  return entries_.size() * sizeof(ExpectedEntry) + slots * sizeof(Slot) + id_bytes_;
}

ExpectedTable::Heap* ExpectedTable::HeapOf(const ExpectedEntry& entry) {
  switch (entry.state) {
    case ExpectedEntry::State::kWaiting:
      return &waiting_;
    case ExpectedEntry::State::kDue:
      return &due_[entry.account];
    case ExpectedEntry::State::kFree:
    case ExpectedEntry::State::kLooking:
      break;
  }
  return nullptr;
}

void ExpectedTable::LeaveHeap(ExpectedEntry& entry) {
  if (Heap* const heap = HeapOf(entry)) Erase(*heap, entry.place);
}

void ExpectedTable::Push(Heap& heap, Slot slot) {
  heap.push_back(slot);
  SiftUp(heap, heap.size() - 1);
}

void ExpectedTable::Erase(Heap& heap, std::uint32_t place) {
  const Slot last = heap.back();
  heap.pop_back();
  if (place == heap.size()) return;
  Set(heap, place, last);
  SiftUp(heap, place);
  SiftDown(heap, entries_[last].place);
}

void ExpectedTable::SiftUp(Heap& heap, std::size_t at) {
  const Slot slot = heap[at];
  while (at > 0) {
    const std::size_t parent = (at - 1) / 2;
    if (entries_[heap[parent]].due <= entries_[slot].due) break;
    Set(heap, at, heap[parent]);
    at = parent;
  }
  Set(heap, at, slot);
}

void ExpectedTable::SiftDown(Heap& heap, std::size_t at) {
  const Slot slot = heap[at];
  while (true) {
    std::size_t child = 2 * at + 1;
    if (child >= heap.size()) break;
    if (child + 1 < heap.size() && entries_[heap[child + 1]].due < entries_[heap[child]].due) {
      ++child;
    }
    if (entries_[slot].due <= entries_[heap[child]].due) break;
    Set(heap, at, heap[child]);
    at = child;
  }
  Set(heap, at, slot);
}

void ExpectedTable::Set(Heap& heap, std::size_t at, Slot slot) {
  heap[at] = slot;
  entries_[slot].place = static_cast<std::uint32_t>(at);
}

std::size_t ExpectedTable::HomeOf(std::string_view process) const {
  return std::hash<std::string_view>()(process) % index_.size();
}

/// Where the process is, or where it would be inserted.
std::size_t ExpectedTable::PlaceOf(std::string_view process) const {
  std::size_t at = HomeOf(process);
  while (index_[at] != 0 && entries_[index_[at] - 1].process() != process) {
    if (++at == index_.size()) at = 0;
  }
  return at;
}

void ExpectedTable::Grow() {
  const std::vector<Slot> old =
      std::exchange(index_, std::vector<Slot>(std::max(kSmallest, index_.size() * 3 / 2)));
  for (const Slot at : old) {
    if (at != 0) index_[PlaceOf(entries_[at - 1].process())] = at;
  }
}

}  // namespace consumer
