#pragma once

#include "common/config/document.h"
#include "common/domain/assure_request.h"

namespace common::config {

/// Reads `assure:` of `root`, which is required.
[[nodiscard]] AssureClient ReadClientOfAssure(const Section& root);
/// Reads the keys of one client.
[[nodiscard]] AssureClient ReadAssureClient(const Section& section);

}  // namespace common::config
