#pragma once

#include <functional>
#include <optional>
#include <string>

namespace common::config {

/// Looks up the value of `${NAME}`. Empty if the variable is not set.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;

[[nodiscard]] Environment ProcessEnvironment();

/// This host's name as the kernel reports it. Empty if it has none.
[[nodiscard]] std::string HostName();

}  // namespace common::config
