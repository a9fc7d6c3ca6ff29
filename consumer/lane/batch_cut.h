#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "consumer/lane/records.h"
#include "consumer/lane/refusal.h"

namespace consumer {

/// The destination of a record: a partition of a topic.
struct Place {
  OutgoingTopic topic = OutgoingTopic::kProcesses;
  /// None: the whole topic. Kafka places dead letters by their key, so the lane treats theirs as
  /// one.
  std::optional<Partition> partition = {};
  friend auto operator<=>(const Place&, const Place&) = default;
};

[[nodiscard]] inline Place PlaceOf(OutgoingTopic topic, Partition source) {
  return {topic, topic == OutgoingTopic::kDead ? std::nullopt : std::optional(source)};
}

/// The refused record of a completion, and the reason.
struct Suspicion {
  Place place;
  RefusalReason reason = RefusalReason::kUnavailable;
};

/// One per completion of a batch; none: no record of it was refused.
using Suspicions = std::vector<std::optional<Suspicion>>;

/// Positions of completions in the refused batch.
struct BatchCut {
  std::vector<std::size_t> at_fault;
  /// The other completions, to be tried as batches of their own, in this order. Earlier completions
  /// of a source partition are in earlier parts, so callbacks of one process keep their order.
  std::vector<std::vector<std::size_t>> parts;
  bool is_by_partition = false;  ///< No partition accepted anything: the parts share no partition.
};

/// Decides how to continue with a refused batch.
///
///   a partition refuses everything, others accepted theirs   at fault: all that goes there
///   all partitions refuse everything                         halves by partition; a single
///                                                            partition: at fault
///   a request with one record is refused                     at fault: that record
///   requests with several records are refused                halves at the middle of these records
///
/// So r records at fault among n cost O(r log n) transactions.
[[nodiscard]] BatchCut CutRefused(const Suspicions& suspicions);

}  // namespace consumer
