#pragma once

#include <optional>
#include <string>

namespace consumer {

/// `pending` and `processing` are not final; every other status is, an unknown one included (the
/// set is open), and so is none at all.
[[nodiscard]] inline bool IsFinalStatus(const std::optional<std::string>& status) {
  return status != "pending" && status != "processing";
}

}  // namespace consumer
