#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <vector>

#include "common/base/error.h"
#include "common/base/rfc3339.h"
#include "common/domain/provider_rules.h"
#include "consumer/lane/callback_flow.h"
#include "consumer/lane/callback_traces.h"
#include "consumer/lane/commit_flow.h"
#include "consumer/lane/committer.h"
#include "consumer/lane/expected_flow.h"
#include "consumer/lane/fetcher.h"
#include "consumer/lane/group_watch.h"
#include "consumer/lane/intake.h"
#include "consumer/lane/lane_events.h"
#include "consumer/lane/lane_settings.h"
#include "consumer/lane/moment.h"
#include "consumer/lane/outbox.h"
#include "consumer/lane/restore_flow.h"
#include "consumer/lane/restorer.h"
#include "consumer/lane/second_reading.h"
#include "consumer/lane/source.h"

namespace consumer {

/// Turns a record of `callbacks` into its result or dead letter, its marker and its offset, in one
/// transaction. Contains the decisions, without a thread or a library. The lane itself is the order
/// of a turn and the life of an assignment; the rest is in its parts.
///
///   Source ──► CallbackFlow ──► Outbox ──► CommitFlow ──► Committer
///                  ▲              ▲
///   Restorer ──► Task         ExpectedFlow ◄── Announcements
///
/// Threads:  confined to one thread, whose loop calls Turn().
/// Lifetime: everything in Ports, and the providers, must outlive it.
/// Time:     steady time is an argument; wall time is injected.
class Lane final : private SourceListener {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  struct Ports {
    Source& source;
    Committer& committer;
    Restorer& restorer;
    Fetcher& fetcher;
    LaneEvents& events;
    Announcements* announcements = nullptr;    ///< Set if settings.expected is.
    std::function<double()> unit_random = {};  ///< The same. In [0, 1).
    CallbackTraces* traces = nullptr;          ///< None: callbacks are not traced.
  };

  Lane(LaneSettings settings, const common::ProviderTable& providers, Ports ports,
       std::function<common::WallTime()> wall_now = common::WallNow);
  Lane(const Lane&) = delete;
  Lane& operator=(const Lane&) = delete;

  /// Does the work that is due. Never waits, except during a rebalance for the last commit.
  void Turn(TimePoint now);
  /// When Turn() must be called again even without news from a port.
  [[nodiscard]] TimePoint NextDue(TimePoint now) const;

  /// While set, the lane takes in no callbacks; those in hand continue.
  void HoldIntake(bool is_held) { is_held_ = is_held; }
  /// Commits the complete callbacks, within a bound, and leaves the assignment.
  void Close();

  /// False while too many results wait for a commit. The caller then must not advance the
  /// scheduler, so that it fetches no more.
  [[nodiscard]] bool TakesResults() const {
    return commits_.outbox().bytes() < settings_.max_results_bytes;
  }

  /// Set once the lane cannot continue: the process must end.
  [[nodiscard]] std::optional<common::Error> failure() const {
    return group_.failure() ? group_.failure() : ports_.source.failure();
  }
  /// True if an assignment, even an empty one, is in force.
  [[nodiscard]] bool is_in_group() const { return group_.is_in_group(); }
  /// True if the restore of a partition is stuck. This instance cannot cure that.
  [[nodiscard]] bool is_restore_stuck() const { return is_restore_stuck_; }
  /// True if the topic's partition count differs from the one on which its offsets are based.
  [[nodiscard]] bool is_topic_refused() const { return group_.change().has_value(); }
  /// True if partitions have no reader and this lane must act.
  [[nodiscard]] bool is_unassigned() const { return group_.is_unassigned(); }

 private:
  void Assigned(const std::vector<Partition>& partitions) override;
  void Revoked(bool is_lost) override;
  bool Take(const ArrivedRecord& record) override;
  void AtEnd(Partition partition, Offset offset) override;
  void PositionRefused(Partition partition) override;

  [[nodiscard]] std::unique_ptr<ExpectedFlow> MakeExpected();
  [[nodiscard]] bool WantsIntake() const;
  void Apply(const CommitFlow::Progress& progress);
  void TakeRestored();
  void TakeBounds();
  void WatchExpected();
  enum class Reread {
    kAfterFault,  ///< Nobody knows what was committed.
    kPassedOver,  ///< Only what was passed over is new.
  };
  /// Drops the callbacks of these partitions and reads them again; the others continue.
  void RestoreAgain(const std::set<Partition>& partitions, Reread why = Reread::kAfterFault);
  /// Reads a partition again whose passed-over callbacks have room now.
  void ReadPassedOver();
  [[nodiscard]] bool IsRestoring() const;
  void Drop();
  void RenewClientIfNeeded();
  void LookAround();

  LaneSettings settings_;
  const common::ProviderTable& providers_;
  Ports ports_;
  std::function<common::WallTime()> wall_now_;

  Tasks tasks_;
  RestoreFlow restores_;
  GroupWatch group_;
  Intake intake_;
  CommitFlow commits_;
  std::unique_ptr<ExpectedFlow> expected_;  ///< Null: announced processes are not watched.
  CallbackFlow callbacks_;
  SecondReading second_reading_;
  Moment now_;  ///< Of the current turn.
  TimePoint look_around_at_{};
  bool is_restore_stuck_ = false;
  bool is_held_ = false;
  bool has_sought_ = false;  ///< In this turn, because the lane had stood still.
  bool has_more_ = false;
};

}  // namespace consumer
