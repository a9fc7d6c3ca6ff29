#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "common/base/rfc3339.h"
#include "common/domain/marker.h"
#include "common/domain/offset_metadata.h"
#include "common/domain/transaction_evidence.h"
#include "consumer/lane/committer.h"
#include "consumer/lane/log_life.h"
#include "consumer/lane/records.h"
#include "consumer/state/dedup_table.h"

namespace consumer {

/// Counts the assignments and restarts of a lane; results of an older epoch are dropped.
using Epoch = std::uint64_t;

struct RestoreOrder {
  std::vector<Partition> partitions;  ///< To be restored.
  Epoch epoch = 0;
  /// Partitions whose log went back: their committed offsets are invalid.
  std::set<Partition> from_begin = {};
  std::vector<Partition> running = {};  ///< The other assigned partitions: only watched.
  bool goes_on = false;                 ///< The assignment is the previous order's.
};

struct RestoredPartition {
  Epoch epoch = 0;
  Partition partition{};
  /// Where reading begins: the committed offset, or the log's beginning if nothing was committed,
  /// if the beginning is above it, or if the log went back.
  Offset start{};
  Offset committed{};  ///< Equal to `start` if nothing was committed.
  bool went_back = false;
  common::OffsetMetadata basis = {};  ///< Facts about the log below `start`.
  DedupTable table;
  /// The latest record time of a published callback: the API has answered for it.
  std::optional<common::WallTime> published_until = {};
  std::chrono::steady_clock::duration elapsed{};

  /// Adds a marker of the partition. A record time after `now` counts as `now`.
  void Add(const common::Marker& marker, common::WallTime now) {
    table.Insert(marker.identity, marker.record_time);
    if (marker.outcome != common::MarkerOutcome::kPublished || !marker.is_fetched) return;
    published_until = std::max(published_until, std::optional(std::min(marker.record_time, now)));
  }
};

/// The bounds of a log of `callbacks`, as looked up.
struct LogBounds {
  Partition partition{};
  Offset begin{};
  Offset end{};
  std::optional<Offset> readable = {};  ///< Where the first open transaction begins, or the end.
  bool went_back = false;               ///< The watched, or else committed, position is invalid.
  /// A time before the end was looked up.
  std::chrono::steady_clock::time_point looked_up_at{};
  /// Only for a partition that is not restored: the committed offset, ignoring open transactions.
  std::optional<Offset> committed = {};
  /// The witnesses of Standing::unchecked that the log has.
  std::vector<common::OffsetWitness> checked = {};
};

/// The partition count of `callbacks` differs from the one on which its committed offsets are
/// based: keys have moved, so a redelivery would go to a partition that does not know it.
struct PartitionsChange {
  int before = 0;
  int now = 0;
  friend bool operator==(const PartitionsChange&, const PartitionsChange&) = default;
};

/// Partitions of `callbacks` that no member of the group has.
struct UnreadPartitions {
  std::size_t count = 0;
  std::optional<std::int64_t> lag = 0;  ///< None: unknown for one of them.
  bool is_ours_to_tell = false;         ///< We are the first member of the group by name.
  bool is_ours_to_heal = false;         ///< We are the first member without a partition.
};

/// The state of `callbacks` and its group at the last look.
struct TopicView {
  std::uint64_t looks = 0;  ///< At the group.
  std::optional<PartitionsChange> change = {};
  std::optional<UnreadPartitions> unread = {};  ///< None: unknown.
};

/// The lane's position, for the next look to compare.
struct Standing {
  std::string member_id;                             ///< Empty: not a member of the group.
  std::map<Partition, ReadPosition> positions = {};  ///< Of the partitions that are read.
  /// The records before pauses in reading, see ReadingPauses.
  std::map<Partition, std::vector<common::OffsetWitness>> unchecked = {};
};

/// The reason why a restore waits.
enum class Awaiting {
  kBroker,      ///< An answer of the brokers.
  kOffsets,     ///< The end of a transaction that carries an offset of the partition.
  kMarkers,     ///< The end of a transaction that has written markers.
  kResults,     ///< The end of a transaction that has written results.
  kPartitions,  ///< The former partition count of `callbacks`.
};

struct StuckRestore {
  Partition partition{};
  Awaiting awaiting = Awaiting::kBroker;
  std::optional<Offset> at = {};  ///< kMarkers, kResults: where the open transaction begins.
  std::chrono::steady_clock::duration for_how_long{};
};

/// A transaction that Kafka had forgotten to end on a partition, and the attempt to end it.
struct EndedTransaction {
  std::string topic;
  Partition partition{};
  Offset at{};
  common::TransactionName name;
  common::TransactionOutcome verdict = common::TransactionOutcome::kUnknown;  ///< How it was ended.
  std::size_t records = 0;
  std::string failure;  ///< For people; empty: it is ended.
};

/// Partitions of the topics on which a transaction is forgotten. All lanes of an instance look at
/// the same partitions of `callbacks.dead`.
using ForgottenPlaces = std::set<std::pair<std::string, Partition>>;

/// Rebuilds the state of partitions from Kafka, in parallel with the lane.
///
/// Threads: called by the lane; works on a thread of its own.
class Restorer {
 public:
  virtual ~Restorer() = default;

  /// Readable when TakeRestored() or TakeBounds() has something.
  [[nodiscard]] virtual int fd() const = 0;

  /// Hands over each partition as soon as it is complete. Replaces the previous order and its
  /// watch; an empty list only stops them.
  virtual void Restore(RestoreOrder order) = 0;
  [[nodiscard]] virtual std::vector<RestoredPartition> TakeRestored() = 0;

  virtual void Watch(Standing standing) = 0;
  /// Looked up every few seconds for the partitions of the last order.
  [[nodiscard]] virtual std::vector<LogBounds> TakeBounds() = 0;
  /// Looked up every few seconds, independent of the order.
  [[nodiscard]] virtual TopicView Topic() = 0;

  /// The restores without progress for longer than a transaction of a living owner can be open.
  [[nodiscard]] virtual std::vector<StuckRestore> Stuck() = 0;

  /// The partitions, of the topics and of the last order, on which a transaction has been open for
  /// that long. Looked up every few seconds, for restored partitions too. None: unknown, because
  /// some of them could not be looked up recently.
  [[nodiscard]] virtual std::optional<ForgottenPlaces> Forgotten() = 0;
  /// The instance's own forgotten transactions that were ended since the last call. Ending one
  /// fences its producer.
  [[nodiscard]] virtual std::vector<EndedTransaction> TakeEnded() = 0;
};

}  // namespace consumer
