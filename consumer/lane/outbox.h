#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <set>
#include <vector>

#include "common/domain/provider_rules.h"
#include "consumer/lane/committer.h"
#include "consumer/lane/completion.h"
#include "consumer/lane/lane_events.h"
#include "consumer/lane/set_aside.h"
#include "consumer/lane/task.h"
#include "consumer/state/marker.h"

namespace consumer {

using Tasks = std::map<Partition, Task>;

/// What waits for a commit, and what is in the one batch that is under way.
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
    /// For the delivery of a batch: less than a broker gives a transaction (10 s), after which it
    /// would fence the producer, and nobody would know what was not delivered.
    std::chrono::milliseconds patience{8'000};
    /// For that of one that is likely to have none: others wait for it.
    std::chrono::milliseconds doubtful_patience{3'000};
  };

  /// `unreadable` makes the dead letter of a callback whose result its topic does not take.
  Outbox(Limits limits, LaneEvents& events, MakeDeadLetter unreadable);

  void Add(Completion completion);
  /// A duplicate was dropped; it is counted with the next batch.
  void CountDuplicate(common::ProviderTable::Index row) { ++duplicates_waiting_[row]; }

  /// Whether something may be committed now.
  [[nodiscard]] bool HasWork(TimePoint now) const {
    return !waiting_.empty() || HasParts() || set_aside_.NextDue() <= now;
  }
  /// Parts of a refused batch wait: they are not to wait long.
  [[nodiscard]] bool HasParts() const { return !parts_.empty(); }
  [[nodiscard]] bool IsFull() const {
    return waiting_.size() >= limits_.records || waiting_bytes_ >= limits_.bytes;
  }
  /// Of results and dead letters, waiting and under way, those that are set aside not counted.
  [[nodiscard]] std::size_t bytes() const { return bytes_ - set_aside_.bytes(); }
  [[nodiscard]] const SetAside& set_aside() const { return set_aside_; }
  /// See SetAside::TakeDropped().
  [[nodiscard]] std::vector<JobId> TakeDropped() { return set_aside_.TakeDropped(); }

  /// Moves what waits, up to the limits, into a batch: each record with its marker, and the
  /// low-water mark of every partition that is touched or has moved. Membership is not filled in.
  /// `wall_now` is for the markers' timestamps. Without anything to commit the batch is empty.
  /// Precondition: no batch is under way, or it was dropped.
  [[nodiscard]] Batch Close(Tasks& tasks, TimePoint now, common::WallTime wall_now);

  /// The batch under way is aborted because of these records: takes it apart. Nothing of it counts
  /// as done any more. Precondition: there are some.
  void Refused(Batch batch, const std::vector<Refusal>& refusals, Tasks& tasks, TimePoint now,
               common::WallTime wall_now);

  struct Disposed {
    std::vector<Completion> completions;  ///< Their records are gone.
    std::map<common::ProviderTable::Index, int> duplicates;
  };
  /// The batch under way is committed.
  [[nodiscard]] Disposed Committed(Tasks& tasks);

  /// The batch under way was aborted without a fault of its records, or nothing is known of those
  /// that were dropped since: what is left of it is the next batch.
  void TakeBackWhole(Batch batch, Tasks& tasks, TimePoint now);

  /// Forgets what comes from these partitions. What is under way of it counts for nothing once that
  /// has ended.
  void Drop(const std::set<Partition>& partitions, TimePoint now);
  /// Whether the batch under way has something of it.
  [[nodiscard]] bool HasDropped() const { return !dropped_.empty(); }

  /// Forgets everything, a batch under way included.
  void Clear();

 private:
  using Completions = std::vector<Completion>;

  [[nodiscard]] Completions Next(TimePoint now);
  [[nodiscard]] bool Keeps(Completion& completion);
  [[nodiscard]] OutgoingRecord MarkerOf(const Completion& completion,
                                        common::WallTime wall_now) const;
  [[nodiscard]] Completions TakeBack(Batch& batch, Tasks& tasks);
  void RemoveDropped(Completions& completions, Suspicions& suspicions, TimePoint now);
  void Retime(Completions& completions, Suspicions& suspicions, common::WallTime wall_now);
  void Excuse(Completions& completions, Suspicions& suspicions, TimePoint now);
  [[nodiscard]] bool Mend(Completion& completion, const Suspicion& why);
  void SetApart(Completion completion, const Suspicion& why, TimePoint now);

  struct Part {
    Completions completions;
    bool is_doubtful = false;  ///< Nothing of the batch that it comes from was taken.
  };

  Limits limits_;
  LaneEvents* events_;
  MakeDeadLetter unreadable_;
  MarkerClock marker_clock_;
  std::deque<Completion> waiting_;
  std::deque<Part> parts_;
  std::size_t waiting_bytes_ = 0;
  std::size_t bytes_ = 0;  ///< Of all.
  std::map<common::ProviderTable::Index, int> duplicates_waiting_;
  Disposed under_way_;
  std::size_t under_way_bytes_ = 0;
  std::set<Partition> touched_;  ///< Whose offsets are in the batch under way,
  std::set<Partition> dropped_;  ///< and those of them that count for nothing any more.
  bool is_doubtful_ = false;     ///< The batch under way.
  SetAside set_aside_;
};

}  // namespace consumer
