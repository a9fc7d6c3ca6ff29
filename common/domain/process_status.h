#pragma once

#include <optional>
#include <string>

namespace common {

/// Only `pending` and `processing` are not final. An unknown status is final, because the set is
/// open, and so is a missing one.
[[nodiscard]] inline bool IsFinalStatus(const std::optional<std::string>& status) {
  return status != "pending" && status != "processing";
}

}  // namespace common
