#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "common/base/rfc3339.h"
#include "common/domain/identity.h"

namespace consumer {

/// The identities already handled on ONE partition, each with the record time of the callback that
/// was handled (its marker). Open addressing in 16 bytes a slot, 20 to 24 bytes a key; see ADR
/// 0003.
///
/// Threads: confined to the lane.
/// Time:    reads no clock. Every time is a record time, so a replay of the partition yields the
///          same verdicts. Times are rounded up to the hour: a window may be up to an hour longer
///          than configured, never shorter.
class DedupTable {
 public:
  /// Keeps the later time of a known identity.
  void Insert(const common::Identity& identity, common::WallTime record_time);

  /// True if the identity has a marker and record_time - marker time < window. A record older than
  /// the marker is also a duplicate.
  [[nodiscard]] bool Holds(const common::Identity& identity, common::WallTime record_time,
                           std::chrono::seconds window) const;

  /// Treats markers before `floor` as absent from now on. O(1): the next rehash drops their slots,
  /// or this call if no other marker is left. Never lowers the floor.
  void RaiseFloor(common::WallTime floor);

  /// Keys in the table, including those that the floor has passed since the last rehash: at most a
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
  std::size_t used_ = 0;   ///< Occupied slots.
  std::int64_t base_ = 0;  ///< Hour of the epoch at which the 16-bit hours start.
  /// Hour of the epoch; slots before it count as absent.
  std::int64_t floor_ = std::numeric_limits<std::int64_t>::min();
  std::int64_t newest_ = 0;  ///< The latest hour in the table.
};

}  // namespace consumer
