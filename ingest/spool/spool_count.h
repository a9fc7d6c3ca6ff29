#pragma once

#include <cstdint>
#include <optional>

#include "common/base/deadline.h"
#include "common/base/result.h"
#include "ingest/spool/scan_gaps.h"
#include "ingest/spool/sequence_set.h"
#include "ingest/spool/spool_database.h"
#include "ingest/spool/spool_ledger.h"

namespace ingest {

/// Counts the callbacks that were in a file when it was opened. Skips unreadable rows and counts
/// them once they are found.
///
/// Threads: confined.
class SpoolCount {
 public:
  SpoolCount() = default;
  /// For a file without sequences greater than `last`.
  explicit SpoolCount(std::int64_t last) : last_(last), is_done_(false) {}

  [[nodiscard]] bool is_done() const { return is_done_; }
  /// True if counting continues now. After a failure, only once TryAgain() was called.
  [[nodiscard]] bool must_go_on() const { return !is_done_ && !waits_; }
  void TryAgain() { waits_ = false; }
  /// Stops counting.
  void End() { is_done_ = true; }

  [[nodiscard]] std::int64_t counted_to() const { return counted_to_; }
  /// True if the row was counted or has been stored since.
  [[nodiscard]] bool Knows(std::int64_t sequence) const {
    return !IsLeftOut(sequence) || late_.Contains(sequence);
  }
  /// Call when a row is readable. True, once, if it had been skipped: it counts from now on.
  [[nodiscard]] bool FindLate(std::int64_t sequence) {
    const bool is_passed = is_done_ || sequence <= counted_to_;  // Counting never comes back.
    return is_passed && IsLeftOut(sequence) && late_.Insert(sequence);
  }

  struct Part {
    SpoolHoldings holdings{};
    std::optional<common::Error> error{};
  };
  /// Continues counting until the deadline. Rows for which `is_done` is true count as done.
  /// Precondition: must_go_on().
  Part GoOn(SpoolDatabase& database, common::Deadline deadline,
            const SpoolDatabase::Which& is_done);

 private:
  [[nodiscard]] bool IsLeftOut(std::int64_t sequence) const {
    return sequence <= last_ && (sequence > counted_to_ || gaps_.Contains(sequence));
  }

  std::int64_t counted_to_ = 0;
  std::int64_t last_ = 0;
  bool is_done_ = true;
  bool waits_ = false;  ///< After a failure.
  ScanGaps gaps_;
  SequenceSet late_;  ///< Found since.
};

}  // namespace ingest
