#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "common/domain/dead_letter.h"
#include "common/domain/provider_rules.h"
#include "consumer/lane/committer.h"
#include "consumer/lane/records.h"
#include "consumer/lane/refusal.h"
#include "consumer/lane/restorer.h"
#include "consumer/state/callback_facts.h"

namespace consumer {

/// How a callback left the lane; the label `outcome` of sluice_consumer_callbacks_total.
enum class Disposal { kPublished, kDuplicate, kDead };

/// The lane at one moment.
struct LaneGauges {
  std::size_t pending = 0;
  /// None: not known, for nothing is in hand and Kafka does not say what waits there.
  std::optional<std::chrono::milliseconds> oldest_pending_age = {};
  std::optional<std::int64_t> lag = {};  ///< None: not known.
  /// Partitions that no member of the group has. None: not known, or another member tells.
  std::optional<std::size_t> unread = {};
  std::size_t set_aside = 0;  ///< Of the pending ones.
  std::size_t dedup_keys = 0;
  std::int64_t uncommitted_offsets = 0;  ///< Above the low-water marks: a crash reads them again.
  std::size_t partitions = 0;
  std::size_t restoring = 0;  ///< Of the partitions; those that are stuck included.
  std::size_t stuck = 0;
  std::size_t forgotten = 0;  ///< Partitions of the topics on which a transaction stands open.
  std::chrono::milliseconds
      restoring_for{};  ///< Since the assignment; zero if nothing is restored.
};

/// A callback whose record is refused by its topic.
struct SetAsideReport {
  OutgoingTopic topic = OutgoingTopic::kProcesses;
  Partition partition = 0;  ///< Of the callback,
  Offset offset = 0;        ///< and where it stands there.
  RefusalReason reason = RefusalReason::kUnavailable;
  bool is_new = true;  ///< False: it was tried again, and refused again.
};

/// What a lane reports, for metrics and the log.
///
/// Threads: called on the lane's thread. No call may block.
class LaneEvents {
 public:
  virtual ~LaneEvents() = default;

  virtual void Assigned(std::size_t partitions) = 0;
  virtual void Revoked(std::size_t partitions, bool is_lost) = 0;
  virtual void Restored(Partition partition, Offset start, std::size_t keys,
                        std::chrono::steady_clock::duration elapsed) = 0;
  /// A callback was read. `ahead`: how far its received-at lies in the future by our own clock, so
  /// how far the clock of the machine that received it is ahead of ours at least; 0: it is not.
  virtual void ClockSeen(common::ProviderTable::Index row, std::chrono::milliseconds ahead) = 0;
  /// The log of `callbacks` lost its end, or is another one: `position`, where reading stood or was
  /// left, means nothing in it. The partition is read again from `begin`.
  virtual void LogWentBack(Partition partition, Offset position, Offset begin) = 0;
  /// Retention deleted the offsets from `from` to below `to` before they were read.
  virtual void ExpiredUnread(Partition partition, Offset from, Offset to) = 0;
  /// `callbacks` has another number of partitions than its offsets rest on, and nothing is taken
  /// in; none: it has the right one again.
  virtual void PartitionsChanged(const std::optional<PartitionsChange>& change) = 0;
  /// So many partitions have no reader in the group.
  virtual void PartitionsUnread(std::size_t count) = 0;
  /// After the commit. `waited`: from received-at to now, never negative; none for a duplicate, a
  /// redriven one or without it.
  virtual void DisposedOf(common::ProviderTable::Index row, Disposal disposal,
                          std::optional<std::chrono::milliseconds> waited) = 0;
  /// A dead letter was made; it is not committed yet.
  virtual void DeadLettered(const CallbackFacts& facts, const common::DeadLetter& letter) = 0;
  virtual void RecordSetAside(const SetAsideReport& report) = 0;
  /// What was set aside is taken again: so many callbacks, of that partition and others.
  virtual void TakenAgain(OutgoingTopic topic, Partition partition, std::size_t count) = 0;
  virtual void TransactionEnded(const CommitReport& report) = 0;
  /// A2: there is something to commit, but no membership that the broker could fence.
  virtual void CommitWithheld() = 0;
  /// Records wait, and none has come for long: reading was started anew.
  virtual void ReadingStalled(Partition partition, Offset offset) = 0;
  /// The client of the group was replaced. `why`: a literal.
  virtual void ClientRenewed(std::string_view why) = 0;
  /// One that Kafka had forgotten; or it could not be ended.
  virtual void ForgottenEnded(const EndedTransaction& ended) = 0;
  virtual void Measured(const LaneGauges& gauges) = 0;
};

}  // namespace consumer
