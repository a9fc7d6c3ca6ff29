#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <set>

namespace consumer {

/// Which records of ONE partition are taken in and not yet disposed of. Holds only those: memory
/// follows the records in hand, neither the span above the low-water mark nor gaps between offsets
/// (control records, retention).
///
/// Threads: confined to the lane.
class OffsetTracker {
 public:
  /// `next_to_read` is the offset at which reading starts: the committed one.
  explicit OffsetTracker(std::int64_t next_to_read) : next_to_read_(next_to_read) {}

  /// Precondition: offset >= NextToRead().
  void Take(std::int64_t offset) {
    assert(offset >= next_to_read_);
    open_.insert(open_.end(), offset);
    next_to_read_ = offset + 1;
  }

  /// Taken and disposed of at once. Precondition: as for Take().
  void Pass(std::int64_t offset) {
    assert(offset >= next_to_read_);
    next_to_read_ = offset + 1;
  }

  /// The record is disposed of: published, dead-lettered or dropped as a duplicate. In any order.
  /// Precondition: the offset is taken and not yet completed.
  void Complete(std::int64_t offset) {
    [[maybe_unused]] const std::size_t erased = open_.erase(offset);
    assert(erased == 1);
  }

  /// The offset to commit: every taken record below it is disposed of.
  [[nodiscard]] std::int64_t LowWaterMark() const {
    return open_.empty() ? next_to_read_ : *open_.begin();
  }
  [[nodiscard]] std::int64_t NextToRead() const { return next_to_read_; }

  /// Offsets that a crash would read again.
  [[nodiscard]] std::int64_t Span() const { return next_to_read_ - LowWaterMark(); }
  /// Records taken and not completed.
  [[nodiscard]] std::size_t open() const { return open_.size(); }

 private:
  std::set<std::int64_t> open_;
  std::int64_t next_to_read_;
};

}  // namespace consumer
