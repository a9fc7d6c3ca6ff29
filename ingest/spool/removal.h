#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "ingest/spool/sequence_set.h"
#include "ingest/spool/spool_writer.h"

namespace ingest {

/// Rows that nobody needs any more, on their way out of the spool's file.
///
///   Add() --Run()--> gone
///             |  ^
///             v  +--TryUnremovable()
///           unremovable: they, or what is beside them, cannot be read
///
/// While the disk is full, or the file damaged or lost, they stay, and hold up nobody: each costs a
/// bit of memory, whatever lies between them.
///
/// Threads: confined.
class Removal {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  void Add(std::int64_t sequence, TimePoint now);

  /// When Run() is to be called: some of them are removed together.
  [[nodiscard]] TimePoint due_at() const { return due_at_; }

  struct Removed {
    std::vector<SequenceRange> rows{};
    SpoolHoldings::Amount counted{};
  };
  /// Removes for a moment. After a failure it is due no more: it is to be called each second.
  Removed Run(SpoolWriter& spool);
  /// They may be readable again.
  void TryUnremovable();

  /// Those up to that sequence are not on disk any more.
  void Forget(std::int64_t gone);

  [[nodiscard]] bool Contains(std::int64_t sequence) const {
    return removable_.Contains(sequence) || unremovable_.Contains(sequence);
  }
  [[nodiscard]] std::size_t size() const { return removable_.size() + unremovable_.size(); }
  [[nodiscard]] std::size_t unremovable() const { return unremovable_.size(); }

 private:
  SequenceSet removable_;
  SequenceSet unremovable_;
  std::size_t added_ = 0;  ///< Since the last Run().
  std::size_t at_once_ = 500;
  bool has_failed_ = false;
  TimePoint due_at_ = TimePoint::max();
};

}  // namespace ingest
