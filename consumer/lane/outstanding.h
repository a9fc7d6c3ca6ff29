#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <unordered_set>

#include "common/domain/provider_rules.h"
#include "consumer/lane/callback_reading.h"
#include "consumer/lane/fetcher.h"
#include "consumer/lane/lane_events.h"
#include "consumer/lane/looks.h"
#include "consumer/lane/moment.h"
#include "consumer/lane/restorer.h"
#include "consumer/policy/expected_policy.h"
#include "consumer/state/expected_table.h"

namespace consumer {

/// A callback in hand is handled soon, or its partition is restored: its process is looked at
/// later.
constexpr std::chrono::minutes kWhileInHand{1};

/// A partition whose announced processes are watched.
struct ExpectedPartition {
  Epoch epoch = 0;
  /// All announcements before this time were applied …
  std::chrono::steady_clock::time_point announced_until{};
  bool is_whole = false;  ///< … at least once; else it is the time of the restore.
  ExpectedTable table = {};
  CallbackReading reading = {};
};

struct ExpectedCounts {
  std::size_t waiting = 0;
  std::size_t due = 0;  ///< Or being looked at.
  /// The announcements of each partition were read to an end once: the counts lack nothing old.
  bool is_whole = true;
  /// How long ago all announcements were read that were there then, of the partition furthest
  /// behind. None: no partition is watched.
  std::optional<std::chrono::milliseconds> read_age = {};
  std::chrono::milliseconds due_age{0};  ///< Of the look that has been due for longest; 0: none.
};

/// The announced processes of a lane that are not at their end yet, by partition, and the looks at
/// them.
///
/// Threads:  confined to the lane.
/// Lifetime: what the constructor takes must outlive it.
class Outstanding {
 public:
  using Slot = ExpectedTable::Slot;

  Outstanding(const common::ProviderTable& providers, Fetcher& fetcher, LaneEvents& events)
      : providers_(providers), fetcher_(fetcher), events_(events) {}

  /// The announcements of the partition are read anew.
  void Watch(Partition partition, std::chrono::steady_clock::time_point now);
  /// Forgets these partitions. Returns their looks.
  std::unordered_set<JobId> Drop(const std::set<Partition>& partitions);
  void Clear();

  [[nodiscard]] std::map<Partition, ExpectedPartition>& partitions() { return partitions_; }
  /// Precondition: it is watched.
  [[nodiscard]] ExpectedPartition& At(Partition partition) { return partitions_.at(partition); }
  [[nodiscard]] std::map<Partition, Epoch> Epochs() const;
  [[nodiscard]] Looks& looks() { return looks_; }

  /// None: the process was forgotten, or announced again since the look was started.
  [[nodiscard]] std::optional<Slot> EntryOf(const Look& look) const;
  /// True if there was a look at the process whose result is not made yet.
  bool CancelLook(const common::ProcessId& process);
  /// Waiting for the process ends, and a look at it. A result that is made will be committed
  /// whatever comes: then nothing changes. None: the process was counted before.
  void End(Partition partition, Slot slot, std::optional<ExpectedEnd> end);
  /// The same, when the look at it is over or the caller's own.
  void Close(Partition partition, Slot slot, std::optional<ExpectedEnd> end);

  [[nodiscard]] std::string_view ProviderOf(const ExpectedEntry& entry) const;
  [[nodiscard]] std::size_t size() const;
  [[nodiscard]] ExpectedCounts Count(const Moment& now) const;

 private:
  const common::ProviderTable& providers_;
  Fetcher& fetcher_;
  LaneEvents& events_;
  std::map<Partition, ExpectedPartition> partitions_;
  Looks looks_;
  Epoch epoch_ = 0;
};

}  // namespace consumer
