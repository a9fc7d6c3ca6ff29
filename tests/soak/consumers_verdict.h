#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "tests/soak/run.h"

namespace soak {

struct ConsumersOutcome {
  int callbacks = 0;
  /// Announced processes whose callbacks never come; nullopt without announcements.
  std::optional<std::size_t> lost{};
  std::string handled_after{};  ///< Since the first delivery, for a reader.
};

/// Requires one result and one marker for each callback, and no dead letter.
void JudgeConsumers(Run& run, const ConsumersOutcome& outcome);

}  // namespace soak
