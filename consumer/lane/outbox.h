#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "common/base/rfc3339.h"
#include "common/domain/provider_rules.h"
#include "consumer/lane/committer.h"
#include "consumer/lane/completion.h"
#include "consumer/lane/completion_queue.h"
#include "consumer/lane/lane_events.h"
#include "consumer/lane/set_aside.h"
#include "consumer/lane/task.h"
#include "consumer/state/marker_clock.h"

namespace consumer {

using Tasks = std::map<Partition, Task>;

/// The completions that wait for a commit, and those in the batch in progress.
///
///   Add() ─► waiting ─Close()─► batch under way ─Committed()─► gone
///               ▲                  ▲      │  └──────── the same batch again after an abort
///               │                  │  Refused()
///           released            parts ◄───┤
///               └──────────── set aside ◄─┘
///
/// Threads: confined to the lane.
class Outbox {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  using MakeDeadLetter = std::function<OutgoingRecord(const Completion&)>;

  struct Limits {
    std::size_t records = 2'000;
    std::size_t bytes = std::size_t{8} * 1024 * 1024;
    SetAside::Limits set_aside = {};
    /// For the delivery of a batch. Shorter than a broker's transaction timeout (10 s), after which
    /// the broker would fence the producer and the undelivered records would be unknown.
    std::chrono::milliseconds patience{8'000};
    /// For a batch that will probably not be delivered, because others wait for it.
    std::chrono::milliseconds doubtful_patience{3'000};
  };

  /// `unreadable` makes the dead letter for a callback whose result the topic refuses.
  Outbox(Limits limits, LaneEvents& events, MakeDeadLetter unreadable);

  void Add(Completion completion);
  /// A duplicate was dropped; it is counted with the next batch.
  void CountDuplicate(common::ProviderTable::Index row) { ++duplicates_waiting_[row]; }

  /// True if something may be committed now.
  [[nodiscard]] bool HasWork(TimePoint now) const {
    return !waiting_.empty() || HasParts() || set_aside_.NextDue() <= now;
  }
  /// Parts of a refused batch wait and should be committed soon.
  [[nodiscard]] bool HasParts() const { return !parts_.empty(); }
  [[nodiscard]] bool IsFull() const {
    return waiting_.size() >= limits_.records || waiting_.bytes() >= limits_.bytes;
  }
  /// Bytes of the results and dead letters, waiting and in progress, without those set aside.
  [[nodiscard]] std::size_t bytes() const;
  [[nodiscard]] const SetAside& set_aside() const { return set_aside_; }
  /// See SetAside::TakeDropped().
  [[nodiscard]] std::vector<JobId> TakeDropped() { return set_aside_.TakeDropped(); }

  struct GivenUp {
    JobId id = 0;
    OutgoingTopic topic = OutgoingTopic::kProcesses;
    RefusalReason reason = RefusalReason::kInvalid;
  };
  /// Reconciled processes whose results or markers were refused, and not because of the partition:
  /// nothing of them is here any more.
  [[nodiscard]] std::vector<GivenUp> TakeGivenUp() { return std::exchange(to_give_up_, {}); }

  /// Moves waiting completions, up to the limits, into a batch: each record with its markers, and
  /// the low-water mark of every partition that is touched or has moved. The caller fills in the
  /// membership. `wall_now` is for the markers' timestamps. The batch is empty if there is nothing
  /// to commit. Precondition: no batch is in progress, or it was dropped.
  [[nodiscard]] Batch Close(Tasks& tasks, TimePoint now, common::WallTime wall_now);

  /// The batch in progress was aborted because of these records: takes it apart. Nothing of it
  /// counts as done. Precondition: `refusals` is not empty.
  void Refused(Batch batch, const std::vector<Refusal>& refusals, Tasks& tasks, TimePoint now,
               common::WallTime wall_now);

  struct Disposed {
    std::vector<Completion> completions;  ///< Without their records.
    std::map<common::ProviderTable::Index, int> duplicates;
  };
  /// The batch in progress was committed.
  [[nodiscard]] Disposed Committed(Tasks& tasks);

  /// The batch in progress was aborted through no fault of its records, or its end is unknown and
  /// the partitions concerned have been dropped: the rest of it is the next batch.
  void RequeueWhole(Batch batch, Tasks& tasks, TimePoint now);

  /// Forgets completions of these partitions. Their part of the batch in progress counts for
  /// nothing once it has ended.
  void Drop(const std::set<Partition>& partitions, TimePoint now);
  /// True if the batch in progress contains some of these partitions.
  [[nodiscard]] bool HasDropped() const { return !dropped_.empty(); }

  /// Forgets everything, including a batch in progress.
  void Clear();

 private:
  using Completions = std::vector<Completion>;
  struct Part {
    CompletionQueue completions = {};
    bool is_doubtful = false;  ///< No record of the original batch was accepted.
  };

  [[nodiscard]] Completions Next(TimePoint now);
  [[nodiscard]] Completions Reclaim(Batch& batch, Tasks& tasks);
  void Forget(const Completions& completions, TimePoint now);
  [[nodiscard]] bool CanBeTriedAgain(Completion& completion, const Suspicion& why, TimePoint now);

  Limits limits_;
  LaneEvents* events_;
  MakeDeadLetter unreadable_;
  MarkerClock marker_clock_;
  CompletionQueue waiting_;
  std::deque<Part> parts_;
  std::map<common::ProviderTable::Index, int> duplicates_waiting_;
  Disposed under_way_;
  std::size_t under_way_bytes_ = 0;
  std::set<Partition> touched_;  ///< Partitions with an offset in the batch in progress.
  std::set<Partition> dropped_;  ///< Of those, the dropped ones.
  bool is_doubtful_ = false;     ///< The batch in progress.
  SetAside set_aside_;
  std::vector<GivenUp> to_give_up_;
};

}  // namespace consumer
