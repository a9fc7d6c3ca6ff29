#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace ingest {

/// Entries that wait for their outcome or their deadline. Whichever comes first takes the entry
/// out; its number is stale from then on.
///
///   number := generation of the slot (32 bits, never 0), slot (32 bits)
///
/// Entries form one list in the order of Add(), which is the order of their deadlines if all wait
/// equally long. Adding, taking and expiring are O(1).
///
/// Threads: confined, or behind the owner's lock.
template <typename Entry>
class InFlight {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  /// Precondition: deadlines ascend from call to call, apart from races between threads. An entry
  ///               never expires before the entries that were added earlier.
  std::uint64_t Add(Entry entry, TimePoint deadline) {
    const std::uint32_t slot = FreeSlot();
    Slot& added = slots_[slot];
    added.entry.emplace(std::move(entry));
    added.deadline = deadline;
    added.previous = newest_;
    added.next = kNone;
    (newest_ == kNone ? oldest_ : slots_[newest_].next) = slot;
    newest_ = slot;
    ++size_;
    return NumberOf(slot);
  }

  /// Removes the entry; nullopt if the number is stale.
  std::optional<Entry> Take(std::uint64_t number) {
    if (Find(number) == nullptr) return std::nullopt;
    return Remove(static_cast<std::uint32_t>(number));
  }

  /// Removes the oldest entry if its deadline is not after `now`.
  std::optional<Entry> TakeExpired(TimePoint now) {
    if (oldest_ == kNone || slots_[oldest_].deadline > now) return std::nullopt;
    return Remove(oldest_);
  }

  /// Null if the number is stale. The pointer is valid until the next change.
  [[nodiscard]] const Entry* Find(std::uint64_t number) const {
    const auto slot = static_cast<std::uint32_t>(number);
    const auto generation = static_cast<std::uint32_t>(number >> 32U);
    const bool is_known = slot < slots_.size() && slots_[slot].entry.has_value() &&
                          slots_[slot].generation == generation;
    return is_known ? &*slots_[slot].entry : nullptr;
  }

  /// The same, for a change of the entry itself.
  [[nodiscard]] Entry* FindToChange(std::uint64_t number) {
    return Find(number) == nullptr ? nullptr : &*slots_[static_cast<std::uint32_t>(number)].entry;
  }

  /// Returns the oldest entry's number if its deadline is not after `now`.
  [[nodiscard]] std::optional<std::uint64_t> FindExpired(TimePoint now) const {
    if (oldest_ == kNone || slots_[oldest_].deadline > now) return std::nullopt;
    return NumberOf(oldest_);
  }

  [[nodiscard]] std::size_t size() const { return size_; }

 private:
  static constexpr std::uint32_t kNone = 0xFFFF'FFFF;

  struct Slot {
    std::optional<Entry> entry{};  ///< Empty if the slot is free.
    TimePoint deadline{};
    std::uint32_t generation = 1;
    std::uint32_t previous = kNone;
    std::uint32_t next = kNone;  ///< In a free slot: the next free slot.
  };

  [[nodiscard]] std::uint64_t NumberOf(std::uint32_t slot) const {
    return (std::uint64_t{slots_[slot].generation} << 32U) | slot;
  }

  std::uint32_t FreeSlot() {
    if (free_ == kNone) {
      slots_.emplace_back();
      return static_cast<std::uint32_t>(slots_.size() - 1);
    }
    return std::exchange(free_, slots_[free_].next);
  }

  std::optional<Entry> Remove(std::uint32_t slot) {
    Slot& removed = slots_[slot];
    (removed.previous == kNone ? oldest_ : slots_[removed.previous].next) = removed.next;
    (removed.next == kNone ? newest_ : slots_[removed.next].previous) = removed.previous;
    if (++removed.generation == 0) removed.generation = 1;
    removed.next = std::exchange(free_, slot);
    --size_;
    return std::exchange(removed.entry, std::nullopt);
  }

  std::vector<Slot> slots_;
  std::uint32_t free_ = kNone;
  std::uint32_t oldest_ = kNone;
  std::uint32_t newest_ = kNone;
  std::size_t size_ = 0;
};

}  // namespace ingest
