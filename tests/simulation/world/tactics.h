#pragma once

#include <chrono>
#include <cstddef>
#include <vector>

#include "tests/simulation/runtime/random.h"
#include "tests/simulation/world/scenario.h"

namespace simulation {

/// Actions that are dangerous together, from a time on.
using Tactic = std::vector<Action> (*)(Random& random, std::chrono::milliseconds at);

/// Each is aimed at a moment on which a guard rests: tactics.cc says which.
[[nodiscard]] const std::vector<Tactic>& Tactics();

/// A transaction is aborted when its offset is pending already, Kafka forgets that, and its
/// partition changes hands: the next transaction of the same producer must not commit that offset.
[[nodiscard]] std::vector<Action> TornOffsets(Random& random, std::chrono::milliseconds at);
/// The same, and the instance dies before it can ask again; Kafka forgets the end by which its next
/// producer begins as well, and that one has other partitions to commit.
[[nodiscard]] std::vector<Action> TornRestart(Random& random, std::chrono::milliseconds at);
/// A batch in which one record is refused brings the offset of a partition with duplicates only,
/// and nothing comes there any more.
[[nodiscard]] std::vector<Action> LastDuplicates(Random& random, std::chrono::milliseconds at);
/// A batch of one partition fails before its EndTxn and is aborted; Kafka forgets that for the
/// offset, and the partition changes hands. The producer goes on with the others.
[[nodiscard]] std::vector<Action> TornAndMoved(Random& random, std::chrono::milliseconds at);
/// A log of `callbacks` loses its end and grows again, and its partition changes hands as soon as
/// an offset of the new log is committed.
[[nodiscard]] std::vector<Action> RegrownAndLost(Random& random, std::chrono::milliseconds at);
/// Actions for announced processes: for their looks and results.
[[nodiscard]] std::vector<Action> Announced(Random& random, std::chrono::milliseconds at);

/// A process stands still with an answer of records that its log loses meanwhile.
[[nodiscard]] std::vector<Action> FrozenBesideCut(Random& random, std::chrono::milliseconds at);
/// The log of announcements loses its end, and grows again, at any moment of reading.
[[nodiscard]] std::vector<Action> ExpectedLife(Random& random, std::chrono::milliseconds at);

[[nodiscard]] std::chrono::milliseconds Between(Random& random, int low_ms, int high_ms);

}  // namespace simulation
