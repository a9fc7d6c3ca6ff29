#pragma once

#include <vector>

#include "common/base/rfc3339.h"
#include "consumer/lane/batch_cut.h"
#include "consumer/lane/committer.h"
#include "consumer/lane/completion.h"
#include "consumer/lane/refusal.h"
#include "consumer/state/marker_clock.h"

namespace consumer {

// A completion's records in a batch, in this order, see Completion::records():
//
//   records := [result | dead letter] marker(identity) [marker(event)] marker(more)*
//   marker  := record of callbacks.seen, in the partition of the callback:
//              key     := identity
//              headers := outcome… ["fetch" "none"] ["reconciled" "1"] key-hash
//                         ["record-time" time]           ; if its timestamp is another

/// Moves the completion's record into the batch and adds its markers. `wall_now` is for their
/// timestamps.
void AddRecords(Batch& batch, Completion& completion, const MarkerClock& clock,
                common::WallTime wall_now);

/// The reverse: moves the records back. `completions`: those of the batch, in order.
void RemoveRecords(Batch& batch, std::vector<Completion>& completions);

/// The most telling refusal of each completion. A refusal by a partition concerns more than its
/// record. If several records of a completion are refused, the first counts: a marker is accepted
/// wherever a result is.
[[nodiscard]] Suspicions SuspicionsOf(const Batch& batch,
                                      const std::vector<Completion>& completions,
                                      const std::vector<Refusal>& refusals);

}  // namespace consumer
