#pragma once

#include <set>
#include <vector>

#include "consumer/lane/committer.h"

namespace consumer {

/// The offsets that may still be pending under a producer's id although their transactions are
/// over: Kafka can forget to end one for the group. The next end of that id there ends them all,
/// with its own outcome, so nothing may be committed before they are gone.
///
///   of this producer's life   the partitions of the batches that it aborted
///   of former lives           any: so the offsets of the first batch are tried, sent and aborted,
///                             alone. Once these are gone, such an end was written, and whatever was
///                             older is gone with them: no look at other partitions is needed
///
///   Initialised() ──► to be tried ──Tried()──► awaited ──all seen stable──► none ──Aborted()──► awaited
///
/// Threads: confined to one.
class PendingOffsets {
 public:
  /// A new producer of the id.
  void Initialised() {
    must_be_tried_ = true;
    is_trial_ = false;
    awaited_.clear();
  }
  /// The broker took these offsets in a transaction that was then aborted.
  void Tried(const std::vector<PartitionOffset>& offsets) {
    Await(offsets);
    must_be_tried_ = false;
    is_trial_ = true;
  }
  /// A batch with these offsets was aborted, or its end is unknown.
  void Aborted(const std::vector<PartitionOffset>& offsets) { Await(offsets); }
  /// No transaction with an offset of that partition is open.
  void SawStable(Partition partition) {
    awaited_.erase(partition);
    if (awaited_.empty()) is_trial_ = false;
  }

  /// Offsets must be tried before anything is committed.
  [[nodiscard]] bool must_be_tried() const { return must_be_tried_; }
  /// These must be seen stable before anything is committed.
  [[nodiscard]] const std::set<Partition>& awaited() const { return awaited_; }
  /// True if the awaited offsets were tried.
  [[nodiscard]] bool is_trial() const { return is_trial_; }

 private:
  void Await(const std::vector<PartitionOffset>& offsets) {
    for (const PartitionOffset& offset : offsets) awaited_.insert(offset.partition);
  }

  bool must_be_tried_ = true;
  bool is_trial_ = false;
  std::set<Partition> awaited_;
};

}  // namespace consumer
