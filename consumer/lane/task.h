#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <unordered_set>
#include <vector>

#include "common/base/rfc3339.h"
#include "common/domain/identity.h"
#include "common/domain/offset_metadata.h"
#include "consumer/lane/arrival.h"
#include "consumer/lane/restorer.h"
#include "consumer/state/dedup_table.h"
#include "consumer/state/offset_tracker.h"
#include "consumer/state/reading_pauses.h"

namespace consumer {

/// One partition of `callbacks`: its handled identities, its callbacks in hand, its reading
/// position.
///
///   kRestoring --Restored()--> kRunning
///
/// A revoked partition's task is destroyed. A partition that must be read from Kafka again gets a
/// new task.
///
/// Threads: confined to the lane.
/// Transactions: a first sighting stays in hand until Committed(). Its offset counts as done from
///          Settle() on, which is part of closing the batch with its records.
class Task {
 public:
  enum class State { kRestoring, kRunning };
  enum class DedupResult {
    kIgnored,     ///< Not restored yet, or read before: as if it had not come.
    kDuplicate,   ///< Dropped; its offset is done.
    kFirst,       ///< In hand from now on.
    kBehind,      ///< Its process is being reconciled: its offset stays open until that has ended.
    kPassedOver,  ///< Its account has no room: it stays in Kafka, see passed_over().
  };
  /// Callbacks of an account that wait in Kafka for room. Once the first one is passed over, so are
  /// the later ones: those of a process are handled in order. The partition is read again for them.
  struct PassedOver {
    std::size_t count = 0;
    std::chrono::steady_clock::time_point since{};
  };

  /// `reach`: older markers are forgotten. `read_before`: a partition that is read again was read up
  /// to here, so its duplicates are no redeliveries.
  explicit Task(std::chrono::seconds reach, Offset read_before = {})
      : reach_(reach), read_before_(read_before) {}

  [[nodiscard]] State state() const { return state_; }
  void Restored(RestoredPartition restored);

  /// The time at which a record counts: its own, but at most an hour before the times of earlier
  /// records. Markers from before that are forgotten, so the record could not be told from a
  /// duplicate.
  [[nodiscard]] common::WallTime EffectiveTime(common::WallTime record_time) const;

  /// `now`, from our own clock, only keeps a record from the future from expiring everything. If
  /// our clock is slow, markers are kept longer.
  [[nodiscard]] DedupResult Admit(const Arrival& arrival, common::WallTime now);

  /// All records from before `time` were read, as far as brokers' clocks agree: no callback raises
  /// the floor of the table where none comes. `time` is a record time, see Admit() for `now`.
  void HasPassed(common::WallTime time, common::WallTime now);

  /// True if it was read before the partition was read again.
  [[nodiscard]] bool WasReadBefore(Offset offset) const { return offset < read_before_; }
  /// How far the partition has been read, again or for the first time.
  [[nodiscard]] Offset HasReadBefore() const {
    return std::max(read_before_, tracker_ ? NextToRead() : read_before_);
  }
  /// By account.
  [[nodiscard]] const std::map<AccountIndex, PassedOver>& passed_over() const {
    return passed_over_;
  }

  /// True if a callback of that identity is in hand.
  [[nodiscard]] bool IsInHand(const common::Identity& identity) const {
    return in_hand_.contains(identity);
  }
  /// True if one was handled less than `window` before `at`, or later.
  [[nodiscard]] bool WasHandled(const common::Identity& identity, common::WallTime at,
                                std::chrono::seconds window) const {
    return table_.Holds(identity, at, window);
  }
  /// A result without a callback is under way under these identities: later callbacks wait behind
  /// it. Ends with Committed() for each of them and StopReconciling().
  void StartReconciling(const std::vector<common::Identity>& identities) {
    reconciling_.insert(identities.begin(), identities.end());
  }
  void StopReconciling(const std::vector<common::Identity>& identities) {
    for (const common::Identity& identity : identities) reconciling_.erase(identity);
  }
  /// A callback that has waited behind a reconciled process comes again. Never kBehind or kIgnored.
  [[nodiscard]] DedupResult AdmitAgain(const Arrival& arrival);

  /// No record below `offset` can be read any more: there is none, or retention deleted it.
  /// Precondition: kRunning, offset >= NextToRead().
  void Skip(Offset offset) { tracker_->Skip(offset); }

  /// The records of a first sighting are in the batch that is being closed.
  void Settle(Offset offset) { tracker_->Complete(offset); }
  /// The batch was committed.
  void BatchCommitted();
  /// Of each identity of a first sighting.
  void Committed(const common::Identity& identity, common::WallTime marked_at);
  /// The batch was taken apart: nothing of it is done.
  void Reopen();

  /// The offset to commit. Precondition: kRunning.
  [[nodiscard]] Offset LowWaterMark() const { return tracker_->LowWaterMark(); }
  /// The basis of that offset. Precondition: kRunning.
  [[nodiscard]] common::OffsetMetadata Basis() const;
  /// Whether a callback of a later record time was published before the restore.
  [[nodiscard]] bool IsOvertaken(common::WallTime record_time) const {
    return published_until_ && record_time < *published_until_;
  }
  [[nodiscard]] Offset NextToRead() const { return tracker_->NextToRead(); }
  [[nodiscard]] ReadPosition Position() const { return {NextToRead(), tracker_->LastRead()}; }
  [[nodiscard]] const ReadingPauses::Witnesses& Unchecked() const { return pauses_.unchecked(); }
  void Checked(const ReadingPauses::Witnesses& witnesses) { pauses_.Checked(witnesses); }
  /// Offsets that would be read again after a crash.
  [[nodiscard]] std::int64_t span() const { return tracker_ ? tracker_->Span() : 0; }

  /// True if the low-water mark differs from the one last submitted.
  [[nodiscard]] bool HasMoved() const { return tracker_ && LowWaterMark() != handed_over_; }
  void HandedOver() { handed_over_ = LowWaterMark(); }

  [[nodiscard]] std::size_t dedup_keys() const { return table_.size(); }

 private:
  [[nodiscard]] bool IsKnown(const common::Identity& identity, common::WallTime judged_at,
                             std::chrono::seconds window) const;
  [[nodiscard]] bool IsDuplicate(const Arrival& arrival) const;
  void TakeInHand(const Arrival& arrival);
  [[nodiscard]] bool MustPassOver(const Arrival& arrival) const;
  void PassOver(const Arrival& arrival);

  State state_ = State::kRestoring;
  std::chrono::seconds reach_;
  DedupTable table_;
  std::unordered_set<common::Identity> in_hand_;
  std::unordered_set<common::Identity> reconciling_;
  /// Greatest record time admitted; at most now for records from the future.
  common::WallTime latest_{};
  std::optional<OffsetTracker> tracker_;  ///< Set while running.
  ReadingPauses pauses_;
  Offset handed_over_{};
  Offset committed_{};
  std::optional<common::WallTime> published_until_;
  std::optional<int> partitions_;  ///< Of `callbacks` at the time of the restore.
  Offset read_before_;
  std::map<AccountIndex, PassedOver> passed_over_;
};

}  // namespace consumer
