#pragma once

#include <functional>
#include <optional>
#include <string>

namespace common::config {

/// What `${NAME}` in a configuration stands for; none if the variable is not set.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;

[[nodiscard]] Environment ProcessEnvironment();

/// The name of this host, as the kernel has it; empty if it has none.
[[nodiscard]] std::string HostName();

}  // namespace common::config
