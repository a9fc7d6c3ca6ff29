#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>

#include "common/base/rfc3339.h"
#include "common/domain/offset_metadata.h"

namespace consumer {

/// Which records of ONE partition are taken in and not yet disposed of. Holds only those: memory
/// follows the records in hand, neither the span above the low-water mark nor gaps between offsets
/// (control records, retention).
///
/// Threads: confined to the lane.
class OffsetTracker {
 public:
  /// `next_to_read` is the offset at which reading starts: the committed one. `last` is a record at
  /// or below it, if one is known.
  explicit OffsetTracker(std::int64_t next_to_read,
                         std::optional<common::OffsetWitness> last = std::nullopt)
      : next_to_read_(next_to_read), last_(last) {}

  /// `time`: the record time. Precondition: offset >= NextToRead().
  void Take(std::int64_t offset, common::WallTime time = {}) {
    Pass(offset, time);
    open_.emplace_hint(open_.end(), offset, time);
  }

  /// Taken and disposed of at once. Precondition: as for Take().
  void Pass(std::int64_t offset, common::WallTime time = {}) {
    assert(offset >= next_to_read_);
    next_to_read_ = offset + 1;
    last_ = {offset, time};
  }

  /// No record below `offset` is yet to be read. Precondition: offset >= NextToRead().
  void Skip(std::int64_t offset) {
    assert(offset >= next_to_read_);
    next_to_read_ = offset;
  }

  /// The record is disposed of by the batch that is being closed. In any order. Precondition: the
  /// offset is taken and not yet completed.
  void Complete(std::int64_t offset) {
    auto completed = open_.extract(offset);
    assert(!completed.empty());
    completed_.insert(std::move(completed));
  }
  /// That batch is committed,
  void Confirm() { completed_.clear(); }
  /// or taken apart: what it completed is open again.
  void Reopen() { open_.merge(completed_); }

  /// The offset to commit: every taken record below it is disposed of.
  [[nodiscard]] std::int64_t LowWaterMark() const {
    return open_.empty() ? next_to_read_ : open_.begin()->first;
  }
  [[nodiscard]] std::int64_t NextToRead() const { return next_to_read_; }

  /// The last record at or below the low-water mark: as long as it is in the log, so is everything
  /// below it.
  [[nodiscard]] std::optional<common::OffsetWitness> Witness() const {
    if (open_.empty()) return last_;
    return common::OffsetWitness{open_.begin()->first, open_.begin()->second};
  }

  /// The last record that was read.
  [[nodiscard]] std::optional<common::OffsetWitness> LastRead() const { return last_; }

  /// Offsets that a crash would read again.
  [[nodiscard]] std::int64_t Span() const { return next_to_read_ - LowWaterMark(); }
  /// Records taken and not completed.
  [[nodiscard]] std::size_t open() const { return open_.size(); }

 private:
  std::map<std::int64_t, common::WallTime> open_;
  std::map<std::int64_t, common::WallTime> completed_;  ///< By the batch that is under way.
  std::int64_t next_to_read_;
  std::optional<common::OffsetWitness> last_;  ///< Of those that were read.
};

}  // namespace consumer
