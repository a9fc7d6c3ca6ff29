#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <set>

#include "common/base/backoff.h"
#include "common/base/deadline.h"
#include "consumer/lane/committer.h"
#include "consumer/lane/lane_events.h"
#include "consumer/lane/outbox.h"
#include "consumer/lane/source.h"
#include "consumer/policy/commit_pace.h"

namespace consumer {

/// Decides when to close a batch, submit it, repeat it or drop it.
///
///            ┌──────── committed, unknown, records refused ────────┐
///            ▼                                                     │
///          kIdle ──batch closed──► kUnderWay ──aborted──► kToRepeat ──same batch──► kUnderWay
///            ▲                         │
///            └──any report── kAbandoned ◄──Drop()
///
/// If a batch is aborted because records of it were refused, Outbox::Refused() takes it apart, and
/// its parts become batches of their own.
///
/// Threads: confined to the lane.
class CommitFlow {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  using WallClock = std::function<common::WallTime()>;

  struct Settings {
    std::chrono::milliseconds interval{100};  ///< See CommitPace.
    Outbox::Limits batch;
    common::Backoff repeat{std::chrono::milliseconds(50), std::chrono::milliseconds(5'000)};
  };

  /// The effect of a report on the lane.
  struct Progress {
    Outbox::Disposed disposed;
    std::set<Partition> to_restore;  ///< Partitions whose memory may differ from Kafka.
    bool is_fenced = false;          ///< As in the report.
  };

  /// `unreadable` makes the dead letter for a callback whose result the topic refuses.
  CommitFlow(Settings settings, Source& source, Committer& committer, LaneEvents& events,
             WallClock wall_now, Outbox::MakeDeadLetter unreadable);

  [[nodiscard]] Outbox& outbox() { return outbox_; }
  [[nodiscard]] const Outbox& outbox() const { return outbox_; }

  [[nodiscard]] Progress HandleReport(TimePoint now, Tasks& tasks);

  /// Closes and submits a batch, or submits the aborted one again, if due.
  void HandOver(TimePoint now, Tasks& tasks);

  /// Waits for the batch in progress, then commits all complete callbacks. Stops at the deadline or
  /// at the first batch that is not committed.
  [[nodiscard]] Progress Finish(common::Deadline deadline, Tasks& tasks);

  /// Forgets everything uncommitted. The report of the batch in progress is read and ignored.
  void Drop();
  /// The same for callbacks of these partitions.
  void Drop(const std::set<Partition>& partitions, TimePoint now, Tasks& tasks);

  /// True if a batch, even an abandoned one, may still be committed.
  [[nodiscard]] bool is_with_committer() const {
    return state_ == State::kUnderWay || state_ == State::kAbandoned;
  }

  /// When HandOver() must be called again. max(): not before another event.
  [[nodiscard]] TimePoint NextDue() const;

 private:
  enum class State { kIdle, kUnderWay, kToRepeat, kAbandoned };

  [[nodiscard]] bool HasWork(TimePoint now, const Tasks& tasks) const;
  [[nodiscard]] bool CloseBatch(TimePoint now, Tasks& tasks);
  bool Submit(TimePoint now);
  Progress Apply(CommitReport report, TimePoint now, Tasks& tasks);

  Settings settings_;
  CommitPace pace_;
  Source& source_;
  Committer& committer_;
  LaneEvents& events_;
  WallClock wall_now_;

  Outbox outbox_;
  State state_ = State::kIdle;
  Batch batch_;                      ///< In kToRepeat.
  int repeats_ = 0;                  ///< Of this batch.
  std::optional<TimePoint> due_at_;  ///< Of the next batch or the repetition.
};

}  // namespace consumer
