#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace soak {

/// A fault of the scenario `starved`. All faults are drawn in advance, so that the seed determines
/// them.
struct PlannedFault {
  enum class Kind { kKill, kFreeze, kBroker, kPause };

  std::chrono::milliseconds at;  ///< Since the round began.
  Kind kind;
  int victim;  ///< Index of the instance from 0, or number of the node.
  std::chrono::milliseconds lasting;
};

/// The rounds of a run, each in the order of time. With three nodes there is one round: the nodes
/// are killed one after the other while instances come and go. With one node there are three: the
/// node is killed when an instance has just gone or come back, which ends transactions, or it is
/// frozen until its controller considers it dead.
[[nodiscard]] std::vector<std::vector<PlannedFault>> PlanStarved(std::uint64_t seed, int nodes,
                                                                 int copies, int instances);

}  // namespace soak
