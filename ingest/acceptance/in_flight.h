#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace ingest {

/// Entries that wait for one of two ends, their outcome or their deadline; whichever takes an entry
/// out ends it, and its number names nothing from then on.
///
///   number := generation of the slot (32 bits), slot (32 bits)      ; never 0
///
/// Entries form one list in the order of Add, which is the order of their deadlines where all wait
/// equally long: adding, taking and expiring are O(1) each.
///
/// Threads: confined, or behind the owner's lock.
template <typename Entry>
class InFlight {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  /// Precondition: deadlines do not descend from one call to the next, but for what threads gain on
  /// each other; an entry expires no earlier than those added before it.
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
    return (std::uint64_t{added.generation} << 32U) | slot;
  }

  /// nullopt: the number is stale.
  std::optional<Entry> Take(std::uint64_t number) {
    const auto slot = static_cast<std::uint32_t>(number);
    const auto generation = static_cast<std::uint32_t>(number >> 32U);
    if (slot >= slots_.size() || !slots_[slot].entry || slots_[slot].generation != generation) {
      return std::nullopt;
    }
    return Remove(slot);
  }

  /// The oldest entry, if its deadline is not after `now`.
  std::optional<Entry> TakeExpired(TimePoint now) {
    if (oldest_ == kNone || slots_[oldest_].deadline > now) return std::nullopt;
    return Remove(oldest_);
  }

  [[nodiscard]] std::size_t size() const { return size_; }

 private:
  static constexpr std::uint32_t kNone = 0xFFFF'FFFF;

  struct Slot {
    std::optional<Entry> entry{};  ///< Empty: the slot is free.
    TimePoint deadline{};
    std::uint32_t generation = 1;
    std::uint32_t previous = kNone;
    std::uint32_t next = kNone;  ///< Of a free slot: the next free one.
  };

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
    ++removed.generation;
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
