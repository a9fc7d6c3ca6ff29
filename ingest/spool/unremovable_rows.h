#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "ingest/spool/sequence_set.h"

namespace ingest {

/// Finished rows that cannot be removed because they or their neighbours are unreadable. Decides
/// when to try which of them again.
///
/// New callbacks wait while rows are removed, and one unreadable row costs a commit. So an attempt
/// takes a sample of the rows, each time the next one. After an attempt that removed none, the wait
/// doubles, from 10 s to 10 min. After one that removed a row, the next follows at once with a
/// larger sample.
///
/// Threads: confined.
class UnremovableRows {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  static constexpr std::chrono::seconds kFirstWait{10};
  static constexpr std::chrono::minutes kLongestWait{10};
  static constexpr std::size_t kFirstSample = 500;

  /// A row could not be removed, for the first time or again.
  void Insert(std::int64_t sequence);
  /// Takes out the rows to try now. Each of them comes back through Insert(), Removed() or Erase();
  /// until then no other row is due.
  SequenceSet TakeDue(TimePoint now);
  /// Rows were removed. Some of the last sample may be among them.
  void Removed(const SequenceRange& range);
  /// The file has no such rows any more.
  void Erase(const SequenceRange& range);

  [[nodiscard]] bool Contains(std::int64_t sequence) const { return rows_.Contains(sequence); }
  [[nodiscard]] std::size_t size() const { return rows_.size(); }

 private:
  void PlanNext(TimePoint now);

  SequenceSet rows_;
  SequenceSet tried_;  ///< Rows of the last sample that have not come back.
  std::size_t sample_size_ = kFirstSample;
  std::int64_t next_ = 0;  ///< Where the next sample begins.
  std::chrono::seconds wait_ = kFirstWait;
  std::optional<TimePoint> due_at_;  ///< Of the next attempt; empty until it is planned.
  bool has_removed_ = false;         ///< By the last attempt.
};

}  // namespace ingest
