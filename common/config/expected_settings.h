#pragma once

#include <optional>

#include "common/config/document.h"
#include "common/domain/expected_settings.h"
#include "common/domain/provider_rules.h"

namespace common::config {

/// `expected:` of consumer.yaml. None: it is off. `expected: {}` turns it on with the defaults.
[[nodiscard]] std::optional<ExpectedSettings> ReadExpectedSettings(const Section& root);

/// A callback may come as late as its process is waited for, and a process may be asked for as
/// late: no window is shorter. What was handled by then must still be known.
void WidenWindows(ProviderTable& providers, const ExpectedSettings& expected);

}  // namespace common::config
