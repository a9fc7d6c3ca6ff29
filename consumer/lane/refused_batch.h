#pragma once

#include <functional>
#include <set>
#include <vector>

#include "common/base/rfc3339.h"
#include "consumer/lane/batch_cut.h"
#include "consumer/lane/completion.h"
#include "consumer/state/marker_clock.h"

namespace consumer {

/// The completions of a batch that was aborted, and what was refused of each.
struct RefusedBatch {
  std::vector<Completion> completions = {};
  Suspicions suspicions = {};
};

// Not every refusal is the fault of its record. In this order:
//
//   RemoveOf   of partitions that were dropped meanwhile: nothing of theirs counts
//   Retime     of a time: the brokers' clock is behind ours, for all records
//   Excuse     of lateness, beside a retry: the batch had a retry's short patience
//
// CutRefused() says which of the others are at fault, and what to try next.

/// Removes the completions of these partitions and returns them.
[[nodiscard]] std::vector<Completion> RemoveOf(RefusedBatch& batch,
                                               const std::set<Partition>& partitions);

/// Sets the clock back if a time was refused, and gives the records concerned a time of it.
void Retime(RefusedBatch& batch, MarkerClock& clock, common::WallTime wall_now);

/// Acquits the late ones beside a retry. If nothing else was refused, removes the retries and
/// returns them: they got no verdict.
[[nodiscard]] std::vector<Completion> Excuse(RefusedBatch& batch);

/// True if its topic will never take the result: a callback would get a dead letter instead, but
/// here is none.
[[nodiscard]] bool IsHopeless(const Completion& completion, const Suspicion& why);

/// True if another record can say the same, or enough of it; then it has that record.
/// `unreadable` makes the dead letter for a callback whose result the topic refuses.
[[nodiscard]] bool Mend(Completion& completion, const Suspicion& why,
                        const std::function<OutgoingRecord(const Completion&)>& unreadable);

}  // namespace consumer
