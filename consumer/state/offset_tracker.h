#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>

#include "common/base/rfc3339.h"
#include "common/domain/offset.h"
#include "common/domain/offset_metadata.h"

namespace consumer {

/// The records of ONE partition that are taken in and not yet handled. Memory grows with the
/// records in hand, not with the span above the low-water mark or with gaps between offsets
/// (control records, retention).
///
/// Threads: confined to the lane.
class OffsetTracker {
 public:
  /// `next_to_read`: the committed offset, where reading starts. `last`: a record at or below it,
  /// if known.
  explicit OffsetTracker(common::Offset next_to_read,
                         std::optional<common::OffsetWitness> last = std::nullopt)
      : next_to_read_(next_to_read), last_(last) {}

  /// `time`: the record time. Precondition: offset >= NextToRead().
  void Take(common::Offset offset, common::WallTime time = {}) {
    Pass(offset, time);
    open_.emplace_hint(open_.end(), offset, time);
  }

  /// A record taken in and handled at once. Precondition: as for Take().
  void Pass(common::Offset offset, common::WallTime time = {}) {
    assert(offset >= next_to_read_);
    next_to_read_ = offset + 1;
    last_ = {offset, time};
  }

  /// A record that is left for a later reading: the low-water mark stays at the first one.
  /// Precondition: as for Take().
  void PassOver(common::Offset offset, common::WallTime time = {}) {
    Pass(offset, time);
    if (!passed_over_) passed_over_ = {offset, time};
  }

  /// Every record below `offset` has been read. Precondition: offset >= NextToRead().
  void Skip(common::Offset offset) {
    assert(offset >= next_to_read_);
    next_to_read_ = offset;
  }

  /// A taken record turned out to be a duplicate of something that was committed. Precondition: the
  /// offset is taken and not completed.
  void Discard(common::Offset offset) {
    const auto discarded = open_.erase(offset);
    assert(discarded == 1);
    static_cast<void>(discarded);
  }

  /// The batch that is being closed handles the record. Any order. Precondition: the offset is
  /// taken and not completed.
  void Complete(common::Offset offset) {
    auto completed = open_.extract(offset);
    assert(!completed.empty());
    completed_.insert(std::move(completed));
  }
  /// The batch was committed.
  void Confirm() { completed_.clear(); }
  /// The batch was dissolved: its records are open again.
  void Reopen() { open_.merge(completed_); }

  /// The offset to commit: every record below it is handled.
  [[nodiscard]] common::Offset LowWaterMark() const {
    const auto first = FirstOpen();
    return first ? first->offset : next_to_read_;
  }
  [[nodiscard]] common::Offset NextToRead() const { return next_to_read_; }

  /// The last record at or below the low-water mark. While it is in the log, so is everything below
  /// it.
  [[nodiscard]] std::optional<common::OffsetWitness> Witness() const {
    const auto first = FirstOpen();
    return first ? first : last_;
  }

  /// The last record read.
  [[nodiscard]] std::optional<common::OffsetWitness> LastRead() const { return last_; }

  /// The offsets that would be read again after a crash.
  [[nodiscard]] std::int64_t Span() const { return next_to_read_ - LowWaterMark(); }
  /// Records taken and not completed.
  [[nodiscard]] std::size_t open() const { return open_.size(); }

 private:
  /// The first record that is taken and not completed, or passed over.
  [[nodiscard]] std::optional<common::OffsetWitness> FirstOpen() const {
    if (open_.empty()) return passed_over_;
    const common::OffsetWitness open{open_.begin()->first, open_.begin()->second};
    return passed_over_ && passed_over_->offset < open.offset ? *passed_over_ : open;
  }

  std::map<common::Offset, common::WallTime> open_;
  std::map<common::Offset, common::WallTime> completed_;  ///< By the batch in progress.
  common::Offset next_to_read_;
  std::optional<common::OffsetWitness> last_;         ///< The last record read.
  std::optional<common::OffsetWitness> passed_over_;  ///< The first one.
};

}  // namespace consumer
