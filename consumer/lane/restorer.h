#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "common/domain/offset_metadata.h"
#include "consumer/lane/committer.h"
#include "consumer/lane/log_life.h"
#include "consumer/lane/records.h"
#include "consumer/state/dedup_table.h"
#include "consumer/state/transaction_evidence.h"

namespace consumer {

/// Counts the assignments (and new beginnings) of a lane; what belongs to an older one is dropped.
using Epoch = std::uint64_t;

struct RestoreOrder {
  std::vector<Partition> partitions;  ///< To be restored.
  Epoch epoch = 0;
  /// Those whose log went back: their committed offsets mean nothing in it.
  std::set<Partition> from_begin = {};
  std::vector<Partition> running = {};  ///< The others that are assigned: only watched.
  bool goes_on = false;                 ///< The assignment is that of the order before.
};

struct RestoredPartition {
  Epoch epoch = 0;
  Partition partition = 0;
  /// Where reading begins: the committed offset, or the log's begin where nothing was committed,
  /// where it is above, or where the log went back.
  Offset start = 0;
  Offset committed = 0;  ///< `start`, if nothing was committed.
  bool went_back = false;
  common::OffsetMetadata basis = {};  ///< What is known of the log below `start`.
  DedupTable table;
  std::chrono::steady_clock::duration elapsed{};
};

/// A log of `callbacks`, as it was looked up.
struct LogBounds {
  Partition partition = 0;
  Offset begin = 0;
  Offset end = 0;
  std::optional<Offset> readable = {};  ///< Where the first open transaction begins, or the end.
  bool went_back = false;               ///< The position that was watched means nothing in it.
  /// Of a partition that is not restored: the committed offset, open transactions apart.
  std::optional<Offset> committed = {};
};

/// `callbacks` has another number of partitions than its committed offsets rest on: keys have
/// moved, and what is delivered again would come to a partition that does not know it.
struct PartitionsChange {
  int before = 0;
  int now = 0;
  friend bool operator==(const PartitionsChange&, const PartitionsChange&) = default;
};

/// Partitions of `callbacks` that no member of the group has.
struct UnreadPartitions {
  std::size_t count = 0;
  std::int64_t lag = 0;
  bool is_ours_to_tell = false;  ///< We are the first member of the group by name.
  bool is_ours_to_heal = false;  ///< We are the first of those that have no partition.
};

/// `callbacks` and its group as a whole, when they were looked at last.
struct TopicView {
  std::uint64_t looks = 0;  ///< At the group.
  std::optional<PartitionsChange> change = {};
  std::optional<UnreadPartitions> unread = {};  ///< None: not known.
};

/// Where the lane stands: what the next look compares.
struct Standing {
  std::string member_id;                             ///< Empty: no member of the group.
  std::map<Partition, ReadPosition> positions = {};  ///< Of the partitions that are read.
};

/// What a restore waits for.
enum class Awaiting {
  kBroker,      ///< An answer of the brokers.
  kOffsets,     ///< The end of a transaction that carries an offset of the partition.
  kMarkers,     ///< The end of a transaction that has written markers.
  kResults,     ///< The end of one that has written results.
  kPartitions,  ///< As many partitions of `callbacks` as there were.
};

constexpr Offset kNowhere = -1;

struct StuckRestore {
  Partition partition = 0;
  Awaiting awaiting = Awaiting::kBroker;
  Offset at = kNowhere;  ///< kMarkers, kResults: where the open transaction begins.
  std::chrono::steady_clock::duration for_how_long{};
};

/// A transaction that Kafka had forgotten to end on a partition, and what was done about it.
struct EndedTransaction {
  std::string topic;
  Partition partition = 0;
  Offset at = 0;
  TransactionName name;
  Verdict verdict = Verdict::kUnknown;  ///< Ended so.
  std::size_t records = 0;
  std::string failure;  ///< For people; empty: it is ended.
};

/// Rebuilds the state of partitions from Kafka, beside the lane.
///
/// Threads: called by the lane; works on a thread of its own.
class Restorer {
 public:
  virtual ~Restorer() = default;

  /// Readable when TakeRestored() or TakeBounds() has something.
  [[nodiscard]] virtual int fd() const = 0;

  /// Each partition is handed over as soon as it is complete. Replaces what was asked for before,
  /// and what was watched; an empty list only stops that.
  virtual void Restore(RestoreOrder order) = 0;
  [[nodiscard]] virtual std::vector<RestoredPartition> TakeRestored() = 0;

  virtual void Watch(Standing standing) = 0;
  /// Looked up every few seconds for the partitions last asked for.
  [[nodiscard]] virtual std::vector<LogBounds> TakeBounds() = 0;
  /// Looked up every few seconds, whatever was asked for.
  [[nodiscard]] virtual TopicView Topic() = 0;

  /// The partitions that have not come nearer to their restore for longer than any transaction of a
  /// living owner can be open.
  [[nodiscard]] virtual std::vector<StuckRestore> Stuck() = 0;

  /// How many partitions of the topics, of those last asked for, have a transaction that stands
  /// open for as long. Looked up every few seconds, restored or not.
  [[nodiscard]] virtual std::size_t Forgotten() = 0;
  /// Those of the instance's own that were ended since; that has fenced its producer.
  [[nodiscard]] virtual std::vector<EndedTransaction> TakeEnded() = 0;
};

}  // namespace consumer
