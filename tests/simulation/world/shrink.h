#pragma once

#include <algorithm>
#include <cstddef>
#include <utility>

namespace simulation {

/// The scenario with as few actions as still fail, within so many runs: ever smaller pieces are
/// left out. Precondition: it fails.
template <typename AnyScenario>
[[nodiscard]] AnyScenario Shrink(AnyScenario scenario, int runs) {
  for (std::size_t piece = std::max<std::size_t>(1, scenario.actions.size() / 2); runs > 0;) {
    bool has_shrunk = false;
    for (std::size_t at = 0; at < scenario.actions.size() && runs > 0;) {
      AnyScenario shorter = scenario;
      const auto first = shorter.actions.begin() + static_cast<std::ptrdiff_t>(at);
      const std::size_t size = std::min(piece, shorter.actions.size() - at);
      shorter.actions.erase(first, first + static_cast<std::ptrdiff_t>(size));
      --runs;
      if (RunScenario(shorter).is_good()) {
        at += piece;
      } else {
        scenario = std::move(shorter);
        has_shrunk = true;
      }
    }
    if (piece == 1 && !has_shrunk) break;
    piece = std::max<std::size_t>(1, piece / 2);
  }
  return scenario;
}

}  // namespace simulation
