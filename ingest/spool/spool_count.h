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

/// How far the callbacks that were in a file when it was opened have been counted. What cannot be
/// read is stepped over, and counted once a row of it is found.
///
/// Threads: confined.
class SpoolCount {
 public:
  SpoolCount() = default;
  /// Of a file that holds none with a greater sequence.
  explicit SpoolCount(std::int64_t last) : last_(last), is_done_(false) {}

  [[nodiscard]] bool is_done() const { return is_done_; }
  /// Whether it goes on now. After a failure only once TryAgain() was called.
  [[nodiscard]] bool must_go_on() const { return !is_done_ && !waits_; }
  void TryAgain() { waits_ = false; }
  /// Nothing more is counted.
  void End() { is_done_ = true; }

  [[nodiscard]] std::int64_t counted_to() const { return counted_to_; }
  /// Whether the row was counted, or has come since.
  [[nodiscard]] bool Knows(std::int64_t sequence) const {
    return !IsLeftOut(sequence) || late_.Contains(sequence);
  }
  /// A row can be read. True, the first time, if it had been stepped over: it counts from now on.
  [[nodiscard]] bool FindLate(std::int64_t sequence) {
    return is_done_ && IsLeftOut(sequence) && late_.Insert(sequence);
  }

  struct Part {
    SpoolHoldings holdings{};
    std::optional<common::Error> error{};
  };
  /// Counts on until the deadline; what `is_done` says so of as done. Precondition: must_go_on().
  Part GoOn(SpoolDatabase& database, common::Deadline deadline,
            const SpoolDatabase::Which& is_done);

 private:
  [[nodiscard]] bool IsLeftOut(std::int64_t sequence) const {
    return sequence <= last_ && (sequence > counted_to_ || gaps_.Contains(sequence));
  }

  std::int64_t counted_to_ = 0;
  std::int64_t last_ = 0;
  bool is_done_ = true;
  bool waits_ = false;  ///< It has failed.
  ScanGaps gaps_;
  SequenceSet late_;  ///< What was found since.
};

}  // namespace ingest
