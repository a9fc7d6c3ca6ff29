#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "common/base/rfc3339.h"
#include "common/domain/identity.h"

namespace consumer {

/// The identities of ONE partition that were disposed of, each with the record time of the callback
/// that was (its marker). Open addressing in 16 bytes a slot, 20 to 24 bytes a key; see ADR 0003.
///
/// Threads: confined to the lane.
/// Time:    reads no clock; every time is a record time, so a replay of the partition yields the
///          same verdicts. Kept to the hour and rounded up: a window may be up to one hour longer
///          than asked for, never shorter.
class DedupTable {
 public:
  /// A known identity keeps the later of both times.
  void Insert(const common::Identity& identity, common::WallTime record_time);

  /// Whether the identity has a marker with record_time - marker time < window. A record older than
  /// the marker is a duplicate too.
  [[nodiscard]] bool Holds(const common::Identity& identity, common::WallTime record_time,
                           std::chrono::seconds window) const;

  /// Markers before `floor` count as absent from now on. O(1): their slots are dropped at the next
  /// rehash, or at once if no other is left. A floor is never lowered.
  void RaiseFloor(common::WallTime floor);

  /// Keys in the table, those included that the floor has passed since the last rehash: at most a
  /// fifth more than the live ones while keys keep coming in.
  [[nodiscard]] std::size_t size() const { return used_; }
  [[nodiscard]] std::size_t memory_bytes() const { return slots_.capacity() * sizeof(Slot); }

 private:
  // slot := identity bits 127..64 : 64 bits
  //         identity bits  63..16 : 48 bits, hour : 16 bits   ; hours after base_; 0 = empty
  struct Slot {
    std::uint64_t high = 0;
    std::uint64_t low = 0;
  };

  [[nodiscard]] std::size_t Find(std::uint64_t high, std::uint64_t low) const;
  void Rehash(std::int64_t centre_hour);

  std::vector<Slot> slots_;
  std::size_t used_ = 0;   ///< Slots that are not empty.
  std::int64_t base_ = 0;  ///< Hour of the epoch that the 16-bit hours count from.
  std::int64_t floor_ = std::numeric_limits<std::int64_t>::min();  ///< Hour of the epoch; slots
                                                                   ///< before it count as absent.
  std::int64_t newest_ = 0;  ///< The latest hour in the table.
};

}  // namespace consumer
