#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/domain/provider_rules.h"
#include "ops/ctl/shell/command_line.h"

namespace ctl {

/// `providers`.
[[nodiscard]] std::vector<Command> ProviderCommands();

/// A JSON array, without a newline. `secrets`: as in ProviderSettings. `accounts`: the names of the
/// rows' accounts.
[[nodiscard]] std::string RenderProviders(
    const common::ProviderTable& table,
    const std::optional<std::map<std::string, std::string>>& secrets = std::nullopt,
    const std::map<std::string, std::string>& accounts = {});

}  // namespace ctl
