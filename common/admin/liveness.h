#pragma once

#include <optional>
#include <string>

#include "common/http/message.h"

namespace common::admin {

/// An answer for /livez: 503 with the part that makes no progress, if any.
[[nodiscard]] http::Answer LivenessAnswer(const std::optional<std::string>& stalled);

}  // namespace common::admin
