#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "common/base/rfc3339.h"
#include "common/domain/provider_rules.h"

namespace consumer {

/// A process that was announced and whose callback has not come.
struct ExpectedEntry {
  [[nodiscard]] std::string_view process() const { return {ids.get(), process_size}; }
  [[nodiscard]] std::string_view dossier() const {
    return {ids.get() + process_size, dossier_size};
  }

  /// As announced; empty unless the row is `unknown`.
  [[nodiscard]] std::string_view provider() const {
    return {ids.get() + process_size + dossier_size, provider_size};
  }

  std::unique_ptr<char[]> ids;       ///< processId, dossierId (normalised), provider.
  common::WallTime announced_at{};   ///< Record time of the announcement.
  common::WallTime due{};            ///< Of the next look at the API.
  common::WallTime missing_since{};  ///< The first 404 in a row; the epoch: none.
  std::uint32_t within_ms = 0;       ///< The usual lateness of its callback.
  std::uint32_t place = 0;           ///< In its heap.
  std::uint16_t process_size = 0;
  std::uint16_t dossier_size = 0;
  std::uint16_t provider_size = 0;
  std::uint16_t row = 0;      ///< Of the announced provider, in the provider table.
  std::uint8_t looks = 0;     ///< That found the process unfinished.
  std::uint8_t failures = 0;  ///< In a row.
  std::uint8_t account = 0;   ///< That is asked.
  enum class State : std::uint8_t { kFree, kWaiting, kDue, kLooking } state = State::kFree;
};

/// The outstanding processes of ONE partition: by process, and by the time of their next look.
///
///   Put() ─► waiting ──MoveDue()──► due ──StartLook()──► looking
///               ▲                                           │
///               └───────────────── Postpone() ──────────────┘      Remove() from any
///
/// About 150 bytes an entry if the ids are UUIDs; see memory_bytes().
///
/// Threads: confined to the lane.
/// Time:    an argument.
class ExpectedTable {
 public:
  using Slot = std::uint32_t;
  struct Announced {
    std::string_view process;
    std::string_view dossier;
    std::string_view provider = {};  ///< Kept if the row is `unknown`.
    common::ProviderTable::Index row = common::ProviderTable::kUnknown;
    std::uint8_t account = 0;
    common::WallTime at{};
    std::chrono::milliseconds within{};
  };
  /// A later announcement of a process replaces the earlier one, whatever its state. Precondition:
  /// no text is longer than common::kLongestExpectedId.
  Slot Put(const Announced& announced, common::WallTime due);
  [[nodiscard]] std::optional<Slot> Find(std::string_view process) const;
  /// Valid until the entry is removed.
  [[nodiscard]] ExpectedEntry& At(Slot slot) { return entries_[slot]; }
  [[nodiscard]] const ExpectedEntry& At(Slot slot) const { return entries_[slot]; }
  void Remove(Slot slot);

  /// Moves at most `limit` waiting entries whose time has come, oldest first.
  void MoveDue(common::WallTime now, std::size_t limit);
  /// The due entry of the account with the oldest time.
  [[nodiscard]] std::optional<Slot> OldestDue(std::size_t account = 0) const;
  /// The oldest time of all due entries.
  [[nodiscard]] std::optional<common::WallTime> OldestDueTime() const;
  /// Precondition: it is due.
  void StartLook(Slot slot);
  /// Waits until then, whatever its state.
  void Postpone(Slot slot, common::WallTime due);

  [[nodiscard]] std::size_t size() const { return used_; }
  /// Due or being looked at.
  [[nodiscard]] std::size_t due() const { return used_ - waiting_.size(); }
  /// Without the allocator's own overhead.
  [[nodiscard]] std::size_t memory_bytes() const;

 private:
  /// The slots in a binary heap, the oldest time first. An entry knows its place.
  using Heap = std::vector<Slot>;

  [[nodiscard]] Heap* HeapOf(const ExpectedEntry& entry);
  void Push(Heap& heap, Slot slot);
  void Erase(Heap& heap, std::uint32_t place);
  void SiftUp(Heap& heap, std::size_t at);
  void SiftDown(Heap& heap, std::size_t at);
  void Set(Heap& heap, std::size_t at, Slot slot);
  void LeaveHeap(ExpectedEntry& entry);

  void Fill(ExpectedEntry& entry, const Announced& announced);
  [[nodiscard]] std::size_t HomeOf(std::string_view process) const;
  [[nodiscard]] std::size_t PlaceOf(std::string_view process) const;
  void Grow();

  std::deque<ExpectedEntry> entries_;  ///< A deque does not double.
  std::vector<Slot> free_;
  /// Open addressing with linear probing: slot + 1, or 0. At most four fifths are used.
  std::vector<Slot> index_;
  Heap waiting_;
  std::vector<Heap> due_{1};  ///< By account: one that is not asked holds up no other.
  std::size_t used_ = 0;
  std::size_t id_bytes_ = 0;
};

}  // namespace consumer
