#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "consumer/lane/records.h"
#include "consumer/lane/refusal.h"

namespace consumer {

/// Where a record goes: a partition of a topic. Dead letters are placed by their key, which the
/// lane does not know more about: one place.
struct Place {
  OutgoingTopic topic = OutgoingTopic::kProcesses;
  Partition partition = 0;
  friend auto operator<=>(const Place&, const Place&) = default;
};

[[nodiscard]] inline Place PlaceOf(OutgoingTopic topic, Partition source) {
  return {topic, topic == OutgoingTopic::kDead ? Partition{-1} : source};
}

/// Which record of a completion was refused, and why.
struct Suspicion {
  Place place;
  RefusalReason reason = RefusalReason::kUnavailable;
};

/// Of each completion of a batch; none: nothing is known against it.
using Suspicions = std::vector<std::optional<Suspicion>>;

/// Positions of completions in the batch that was refused.
struct BatchCut {
  std::vector<std::size_t> at_fault;
  /// The others: what is to be tried as batches of its own, in this order. Earlier completions of
  /// a source partition are in earlier parts, so callbacks of one process keep their order.
  std::vector<std::vector<std::size_t>> parts;
  bool is_by_partition = false;  ///< Nothing at all was taken: the parts share no partition.
};

/// How to go on with a batch that was refused.
///
///   a partition refuses everything, others took theirs   at fault: all that goes there
///   all partitions refuse everything                      in two by partition; of one: at fault
///   a request with one record is refused                  at fault: that one
///   requests with several records are refused             in two at the middle of these records
///
/// So r records at fault among n cost O(r log n) transactions.
[[nodiscard]] BatchCut CutRefused(const Suspicions& suspicions);

}  // namespace consumer
