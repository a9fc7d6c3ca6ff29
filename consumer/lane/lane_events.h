#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "common/base/rfc3339.h"
#include "common/callback/callback_facts.h"
#include "common/domain/dead_letter.h"
#include "common/domain/provider_rules.h"
#include "consumer/lane/committer.h"
#include "consumer/lane/lane_gauges.h"
#include "consumer/lane/records.h"
#include "consumer/lane/refusal.h"
#include "consumer/lane/restorer.h"
#include "consumer/policy/expected_policy.h"

namespace consumer {

/// The outcome of a callback; the label `outcome` of sluice_consumer_callbacks_total.
enum class Disposal { kPublished, kDuplicate, kDead, kIgnored };

/// A callback whose record its topic refuses.
struct SetAsideReport {
  OutgoingTopic topic = OutgoingTopic::kProcesses;
  Partition partition{};              ///< Of the callback.
  std::optional<Offset> offset = {};  ///< Of the callback. None: the process is reconciled.
  RefusalReason reason = RefusalReason::kUnavailable;
  bool is_new = true;  ///< False: a retry was refused.
};

/// An announced process for which nothing is awaited any more.
struct ExpectedReport {
  common::ProviderTable::Index row = common::ProviderTable::kUnknown;
  ExpectedEnd end = ExpectedEnd::kCallback;
  bool is_lost = false;  ///< Reconciled, and its callback is overdue.
  std::string_view provider;
  std::string_view dossier;
  std::string_view process;
};

/// The lane's events, for metrics and the log.
///
/// Threads: called on the lane's thread. An implementation must not block.
class LaneEvents {
 public:
  virtual ~LaneEvents() = default;

  virtual void Assigned(std::size_t partitions) = 0;
  virtual void Revoked(std::size_t partitions, bool is_lost) = 0;
  virtual void Restored(Partition partition, Offset start, std::size_t keys,
                        std::chrono::steady_clock::duration elapsed) = 0;
  /// A callback was read. `ahead`: how far its received-at is ahead of our own clock, a lower bound
  /// on how far the receiving machine's clock is ahead; 0: not ahead.
  virtual void ClockSeen(common::ProviderTable::Index row, std::chrono::milliseconds ahead) = 0;
  /// The log of `callbacks` lost its end or was replaced. `position`, the old reading position, is
  /// invalid in it. The partition is read again from `begin`.
  virtual void LogWentBack(Partition partition, Offset position, Offset begin) = 0;
  /// Retention deleted the offsets from `from` to below `to` before they were read.
  virtual void ExpiredUnread(Partition partition, Offset from, Offset to) = 0;
  /// The partition count of `callbacks` differs from the one on which its offsets are based, so the
  /// lane takes in nothing. None: the count is right again.
  virtual void PartitionsChanged(const std::optional<PartitionsChange>& change) = 0;
  /// This many partitions have no reader in the group.
  virtual void PartitionsUnread(std::size_t count) = 0;
  /// Called after the commit. `waited`: from received-at to now, never negative; none for a
  /// duplicate, a redriven callback, or one without received-at.
  virtual void DisposedOf(common::ProviderTable::Index row, Disposal disposal,
                          std::optional<std::chrono::milliseconds> waited) = 0;
  /// A dead letter was made; it is not committed yet.
  virtual void DeadLettered(const common::CallbackFacts& facts,
                            const common::DeadLetter& letter) = 0;
  virtual void RecordSetAside(const SetAsideReport& report) = 0;
  /// The topic accepts records again, for `count` callbacks of this partition and others.
  virtual void AcceptedAgain(OutgoingTopic topic, Partition partition, std::size_t count) = 0;
  virtual void TransactionEnded(const CommitReport& report) = 0;
  /// A2: there is something to commit, but no membership that the broker can fence.
  virtual void CommitWithheld() = 0;
  /// Reading was restarted, as there are records and none has arrived for long.
  virtual void ReadingStalled(Partition partition, Offset offset) = 0;
  /// The group's client was replaced. `why`: a literal.
  virtual void ClientRenewed(std::string_view why) = 0;
  /// A forgotten transaction was ended, or ending it failed.
  virtual void ForgottenEnded(const EndedTransaction& ended) = 0;
  /// `processes` refuses the result of an announced process for good: ExpectedEnded() follows.
  virtual void ExpectedRefused(std::string_view process, RefusalReason reason) = 0;
  /// A reconciled process is reported after the commit.
  virtual void ExpectedEnded(const ExpectedReport& report) = 0;
  /// The callback of an announced process came by the route of another provider than announced.
  virtual void ExpectedElsewhere(std::string_view announced, std::string_view came_by) = 0;
  /// The API gives an announced process a status that is not known to be final.
  virtual void ExpectedUnclear(std::string_view process, std::string_view status) = 0;
  /// So many are outstanding that no more announcements are taken in for now.
  virtual void ExpectedFull(std::size_t outstanding) = 0;
  virtual void Measured(const LaneGauges& gauges) = 0;
};

}  // namespace consumer
