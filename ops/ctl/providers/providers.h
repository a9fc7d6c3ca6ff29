#pragma once

#include <string>
#include <vector>

#include "common/domain/provider_rules.h"
#include "ops/ctl/shell/command_line.h"

namespace ctl {

/// `providers`.
[[nodiscard]] std::vector<Command> ProviderCommands();

/// A JSON array, without a newline.
[[nodiscard]] std::string RenderProviders(const common::ProviderTable& table);

}  // namespace ctl
