#pragma once

#include "common/config/document.h"
#include "common/domain/assure_request.h"

namespace common::config {

/// Reads `assure:` of `root`, which is required.
[[nodiscard]] AssureClient ReadAssureClient(const Section& root);

}  // namespace common::config
