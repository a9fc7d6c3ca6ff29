#pragma once

#include <cstdint>
#include <optional>

#include "common/base/deadline.h"
#include "common/base/result.h"
#include "ingest/spool/scan_gaps.h"
#include "ingest/spool/spool_database.h"
#include "ingest/spool/spool_ledger.h"

namespace ingest {

/// How far the callbacks that were in a file when it was opened have been counted. What cannot be
/// read is stepped over.
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
  [[nodiscard]] bool HasSteppedOver(std::int64_t sequence) const {
    return gaps_.Contains(sequence);
  }

  struct Part {
    SpoolHoldings holdings{};
    std::optional<common::Error> error{};
  };
  /// Counts on until the deadline. Precondition: must_go_on().
  Part GoOn(SpoolDatabase& database, common::Deadline deadline);

 private:
  std::int64_t counted_to_ = 0;
  std::int64_t last_ = 0;
  bool is_done_ = true;
  bool waits_ = false;  ///< It has failed.
  ScanGaps gaps_;
};

}  // namespace ingest
