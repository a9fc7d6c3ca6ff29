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
  Partition partition{};
  Offset offset{};
  common::OffsetMetadata metadata = {};  ///< The log on which the offset is based.
  friend bool operator==(const PartitionOffset&, const PartitionOffset&) = default;
};

/// One transaction.
struct Batch {
  std::vector<OutgoingRecord> records;
  /// The offset of every source partition of the batch's records, whether it moved or not (A1).
  /// Without it the broker checks no generation, and a new owner does not wait for the transaction.
  std::vector<PartitionOffset> offsets;
  GroupMembership membership;
  /// Limit on the delivery of the records; none: the transaction's own limit.
  std::optional<std::chrono::milliseconds> patience = std::nullopt;

  [[nodiscard]] bool is_empty() const { return records.empty() && offsets.empty(); }
};

enum class CommitOutcome {
  kCommitted,
  kAborted,  ///< No record is or will be visible: the same batch may be submitted again.
  kUnknown,  ///< Producing it again could duplicate it: Kafka must be read to learn how it ended.
};

struct CommitReport {
  CommitOutcome outcome = CommitOutcome::kAborted;
  Batch batch;  ///< As submitted.
  std::chrono::steady_clock::duration elapsed{};
  bool is_recycled = false;  ///< The producer was, or is about to be, replaced.
  bool is_fenced = false;    ///< By another producer with the same transactional.id.
  std::string_view code;     ///< The reason; a literal from a closed set.
  std::string detail;        ///< For people.
  /// kUnknown: concerns only these partitions; nothing was committed for the others. Empty:
  /// concerns all.
  std::set<Partition> unknown = {};
  /// Of an aborted batch: the records that were refused or not delivered in time.
  std::vector<Refusal> refusals;
};

/// Runs transactions, one at a time, in parallel with the lane.
///
/// Threads: called by the lane; works on a thread of its own.
class Committer {
 public:
  virtual ~Committer() = default;

  /// Readable when TakeReport() has a report.
  [[nodiscard]] virtual int fd() const = 0;

  /// Precondition: the previous report was taken, and the membership is fenceable.
  virtual void Submit(Batch batch) = 0;
  [[nodiscard]] virtual std::optional<CommitReport> TakeReport() = 0;
  /// Waits for the report; none if it does not come by the deadline.
  [[nodiscard]] virtual std::optional<CommitReport> WaitReport(common::Deadline deadline) = 0;

  /// An offset with that basis was committed: later transactions of the same instance get higher
  /// numbers.
  virtual void HasSeen(const common::OffsetMetadata& basis) = 0;

  /// Replaces the producer before the next batch, which fences its unfinished transaction.
  virtual void Recycle() = 0;
};

}  // namespace consumer
