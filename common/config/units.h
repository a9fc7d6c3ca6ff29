#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/duration.h"

namespace common::config {

using common::FormatDuration;
using common::ParseDuration;

// size := integer ["B" | "KiB" | "MiB" | "GiB"]      ; bytes if the unit is omitted

[[nodiscard]] std::optional<std::uint64_t> ParseSize(std::string_view text);
[[nodiscard]] std::string FormatSize(std::uint64_t bytes);

}  // namespace common::config
