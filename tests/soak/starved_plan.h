#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace soak {

/// A fault of the scenario `starved`, drawn before the first one happens, so that a seed names it.
struct PlannedFault {
  enum class Kind { kKill, kFreeze, kBroker, kPause };

  std::chrono::milliseconds at;  ///< After its round began.
  Kind kind;
  int victim;  ///< Place of the instance from 0 on, or number of the node.
  std::chrono::milliseconds lasting;
};

/// The rounds of a run, one after the other, each in the order of time. Of three nodes one after the
/// other is killed while instances come and go: one round. The only node is killed when an instance
/// has just gone or come back, which ends transactions, or stands still until its controller takes it
/// for dead: three rounds.
[[nodiscard]] std::vector<std::vector<PlannedFault>> PlanStarved(std::uint64_t seed, int nodes,
                                                                 int copies, int instances);

}  // namespace soak
