#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <unordered_set>

#include "common/base/rfc3339.h"
#include "common/domain/identity.h"
#include "common/domain/offset_metadata.h"
#include "consumer/lane/restorer.h"
#include "consumer/state/dedup_table.h"
#include "consumer/state/offset_tracker.h"

namespace consumer {

/// One partition of `callbacks`: what was disposed of, what is in hand, where reading stands.
///
///   kRestoring --Restored()--> kRunning
///
/// A revoked partition's task is destroyed; a partition that must be read from Kafka again gets a
/// new one.
///
/// Threads: confined to the lane.
/// Transactions: a first sighting stays in hand until Committed(); its offset counts as done from
///          Settle() on, which belongs to closing the batch that carries its records.
class Task {
 public:
  enum class State { kRestoring, kRunning };
  enum class Verdict {
    kIgnored,    ///< Not restored yet, or read before: as if it had not come.
    kDuplicate,  ///< Dropped; its offset is done.
    kFirst,      ///< In hand from now on.
  };

  /// `reach`: older markers are forgotten.
  explicit Task(std::chrono::seconds reach) : reach_(reach) {}

  [[nodiscard]] State state() const { return state_; }
  void Restored(RestoredPartition restored);

  /// The time to take a record for: its own, but not more than an hour before those that came
  /// earlier. The markers of that time are forgotten, so it could not be told from a duplicate.
  [[nodiscard]] common::WallTime EffectiveTime(common::WallTime record_time) const;

  struct Arrival {
    Offset offset = 0;
    common::Identity identity;
    common::WallTime record_time{};  ///< Its own.
    common::WallTime judged_at{};    ///< From its effective time, see RecordTimes.
    std::chrono::seconds window{};
  };
  /// `now`, of our own clock, only keeps a record from the future from expiring everything: if it is
  /// slow, markers are kept for longer.
  [[nodiscard]] Verdict Admit(const Arrival& arrival, common::WallTime now);

  /// No record below `offset` can be read any more: there is none, or they have expired.
  /// Precondition: kRunning, offset >= NextToRead().
  void Skip(Offset offset) { tracker_->Skip(offset); }

  /// The records of a first sighting are in the batch that is being closed.
  void Settle(Offset offset) { tracker_->Complete(offset); }
  /// That batch is committed,
  void BatchCommitted();
  void Committed(const common::Identity& identity, common::WallTime marked_at);
  /// or was taken apart: nothing of it is done.
  void TakeBack();

  /// The offset to commit. Precondition: kRunning.
  [[nodiscard]] Offset LowWaterMark() const { return tracker_->LowWaterMark(); }
  /// What that offset rests on. Precondition: kRunning.
  [[nodiscard]] common::OffsetMetadata Basis() const {
    return {.partitions = partitions_, .last = tracker_->Witness()};
  }
  [[nodiscard]] Offset NextToRead() const { return tracker_->NextToRead(); }
  [[nodiscard]] ReadPosition Position() const { return {NextToRead(), tracker_->LastRead()}; }
  /// Offsets that a crash would read again.
  [[nodiscard]] Offset span() const { return tracker_ ? tracker_->Span() : 0; }

  /// Whether the low-water mark is not the one last handed over for commit.
  [[nodiscard]] bool HasMoved() const { return tracker_ && LowWaterMark() != handed_over_; }
  void HandedOver() { handed_over_ = LowWaterMark(); }

  [[nodiscard]] std::size_t dedup_keys() const { return table_.size(); }

 private:
  State state_ = State::kRestoring;
  std::chrono::seconds reach_;
  DedupTable table_;
  std::unordered_set<common::Identity> in_hand_;
  common::WallTime latest_{};             ///< Record time of those admitted; from the future: now.
  std::optional<OffsetTracker> tracker_;  ///< Set while running.
  Offset handed_over_ = 0;
  Offset committed_ = 0;
  std::optional<int> partitions_;  ///< Of `callbacks`, when this one was restored.
};

}  // namespace consumer
