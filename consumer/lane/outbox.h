#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "common/domain/provider_rules.h"
#include "consumer/fetch/fetch_job.h"
#include "consumer/lane/committer.h"
#include "consumer/lane/records.h"
#include "consumer/lane/task.h"
#include "consumer/state/marker.h"

namespace consumer {

using Tasks = std::map<Partition, Task>;

/// A callback whose result or dead letter is ready.
struct Completion {
  JobId id = 0;
  Partition partition = 0;
  Offset offset = 0;
  common::Identity identity;
  common::WallTime record_time{};
  Outcome outcome = Outcome::kPublished;
  int attempts = 0;
  OutgoingRecord record;  ///< Moved into the batch when that is closed.
};

/// What waits for a commit, and what is in the one batch that is under way.
///
///   Add() ─► waiting ─Close()─► batch under way ─Committed()─► gone
///                                    └──────── the same batch again after an abort
///
/// Threads: confined to the lane.
class Outbox {
 public:
  struct Limits {
    std::size_t records = 2'000;
    std::size_t bytes = std::size_t{8} * 1024 * 1024;
  };

  explicit Outbox(Limits limits) : limits_(limits) {}

  void Add(Completion completion);
  /// A duplicate was dropped; it is counted with the next batch.
  void CountDuplicate(common::ProviderTable::Index row) { ++duplicates_waiting_[row]; }

  [[nodiscard]] bool is_empty() const { return waiting_.empty(); }
  [[nodiscard]] bool IsFull() const {
    return waiting_.size() >= limits_.records || waiting_bytes_ >= limits_.bytes;
  }
  /// Of results and dead letters, waiting and under way.
  [[nodiscard]] std::size_t bytes() const { return waiting_bytes_ + under_way_bytes_; }

  /// Moves what waits, up to the limits, into a batch: each record with its marker, and the
  /// low-water mark of every partition that is touched or has moved. Membership is not filled in.
  /// `now` is for the markers' timestamps. Precondition: no batch is under way, or it was dropped.
  [[nodiscard]] Batch Close(Tasks& tasks, common::WallTime now);

  /// Replaces the record at a position of the batch under way, and its marker, by a dead letter.
  void ReplaceByDeadLetter(Batch& batch, std::size_t position,
                           const std::function<OutgoingRecord(const Completion&)>& make,
                           common::WallTime now);

  struct Disposed {
    std::vector<Completion> completions;  ///< Their records are gone.
    std::map<common::ProviderTable::Index, int> duplicates;
  };
  /// The batch under way is committed.
  [[nodiscard]] Disposed Committed();

  /// Forgets everything, a batch under way included.
  void Clear();

 private:
  [[nodiscard]] OutgoingRecord MarkerOf(const Completion& completion, common::WallTime now) const;

  Limits limits_;
  MarkerClock marker_clock_;
  std::deque<Completion> waiting_;
  std::size_t waiting_bytes_ = 0;
  std::map<common::ProviderTable::Index, int> duplicates_waiting_;
  Disposed under_way_;
  std::size_t under_way_bytes_ = 0;
};

}  // namespace consumer
