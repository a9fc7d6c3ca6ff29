#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "ingest/spool/sequence_set.h"
#include "ingest/spool/spool_writer.h"
#include "ingest/spool/unremovable_rows.h"

namespace ingest {

/// Removes rows that nobody needs any more from the spool's file.
///
///   Add() --Run()--> gone
///             |  ^
///             v  +--RetryUnremovable()
///           unremovable: they or their neighbours are unreadable
///
/// While the disk is full, or the file damaged or lost, the rows stay and delay nothing: each costs
/// one bit of memory, whatever lies between them.
///
/// Threads: confined.
class Removal {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  void Add(std::int64_t sequence, TimePoint now);

  /// When to call Run(), so that several rows are removed together.
  [[nodiscard]] TimePoint due_at() const { return due_at_; }

  struct Removed {
    std::vector<SequenceRange> rows{};
    SpoolHoldings::Amount counted{};
  };
  /// Removes rows for a moment. After a failure it is not due any more: call it each second.
  Removed Run(SpoolWriter& spool);
  /// Unremovable rows may be readable again. Call it each second; Run() then tries those whose turn
  /// it is.
  void RetryUnremovable(TimePoint now);

  /// Rows up to this sequence are not on disk any more.
  void Forget(std::int64_t gone);

  [[nodiscard]] bool Contains(std::int64_t sequence) const {
    return removable_.Contains(sequence) || unremovable_.Contains(sequence);
  }
  [[nodiscard]] std::size_t size() const { return removable_.size() + unremovable_.size(); }
  [[nodiscard]] std::size_t unremovable() const { return unremovable_.size(); }

 private:
  SequenceSet removable_;
  UnremovableRows unremovable_;
  std::size_t added_ = 0;  ///< Since the last Run().
  std::size_t at_once_ = 500;
  bool has_failed_ = false;
  TimePoint due_at_ = TimePoint::max();
};

}  // namespace ingest
