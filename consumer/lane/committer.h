#pragma once

#include <chrono>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/deadline.h"
#include "common/domain/offset_metadata.h"
#include "consumer/lane/group_membership.h"
#include "consumer/lane/records.h"
#include "consumer/lane/refusal.h"

namespace consumer {

struct PartitionOffset {
  Partition partition = 0;
  Offset offset = 0;
  common::OffsetMetadata metadata = {};  ///< What the offset rests on.
  friend bool operator==(const PartitionOffset&, const PartitionOffset&) = default;
};

/// One transaction.
struct Batch {
  std::vector<OutgoingRecord> records;
  /// Of every partition that a record of the batch came from, moved or not (A1): without it the
  /// broker checks no generation, and a new owner does not wait for the transaction.
  std::vector<PartitionOffset> offsets;
  GroupMembership membership;
  /// For the delivery of its records; none: as long as a transaction may take.
  std::optional<std::chrono::milliseconds> patience = std::nullopt;

  [[nodiscard]] bool is_empty() const { return records.empty() && offsets.empty(); }
};

enum class CommitOutcome {
  kCommitted,
  kAborted,  ///< Nothing of it is or will ever be visible: the same batch may be handed over again.
  kUnknown,  ///< Producing it again could double it: what became of it must be read from Kafka.
};

struct CommitReport {
  CommitOutcome outcome = CommitOutcome::kAborted;
  Batch batch;  ///< As it was handed over.
  std::chrono::steady_clock::duration elapsed{};
  bool is_recycled = false;  ///< The producer was, or is about to be, replaced.
  bool is_fenced = false;    ///< By another producer of the same transactional.id.
  std::string_view code;     ///< Why not; a literal from a closed set.
  std::string detail;        ///< For people.
  /// kUnknown: of these partitions only; nothing of the others was committed. Empty: of all.
  std::set<Partition> unknown = {};
  /// Of an aborted batch: records that were refused, or not delivered in time.
  std::vector<Refusal> refusals;
};

/// Runs transactions, one at a time, beside the lane.
///
/// Threads: called by the lane; works on a thread of its own.
class Committer {
 public:
  virtual ~Committer() = default;

  /// Readable when TakeReport() has something.
  [[nodiscard]] virtual int fd() const = 0;

  /// Precondition: the report of the batch before was taken, and the membership is fenceable.
  virtual void Submit(Batch batch) = 0;
  [[nodiscard]] virtual std::optional<CommitReport> TakeReport() = 0;
  /// Waits for it; none if it does not come by the deadline.
  [[nodiscard]] virtual std::optional<CommitReport> WaitReport(common::Deadline deadline) = 0;

  /// An offset of that basis was committed: transactions of the same instance that begin from now
  /// on have higher numbers.
  virtual void HasSeen(const common::OffsetMetadata& basis) = 0;

  /// The producer is replaced before the next batch: what it may still have under way is fenced.
  virtual void Recycle() = 0;
};

}  // namespace consumer
