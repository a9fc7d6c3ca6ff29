#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/config/environment.h"
#include "common/config/problem.h"
#include "tests/fuzz/require.h"

namespace fuzz {

inline constexpr std::string_view kPlanted = "zq-planted-secret-qz";

/// Sets every variable to a secret, except those that begin with "NO".
inline common::config::Environment PlantedEnvironment() {
  return [](const std::string& name) -> std::optional<std::string> {
    if (name.starts_with("NO")) return std::nullopt;
    return std::string(kPlanted);
  };
}

/// Requires a position and an explanation for each mistake, without a secret unless the input
/// itself contains it.
inline void RequireSensible(const common::config::Problems& problems, std::string_view input) {
  const bool is_given_away = input.find(kPlanted) != std::string_view::npos;
  for (const common::config::Problem& problem : problems) {
    Require(problem.line >= 0 && problem.column >= 0, "a mistake has a place");
    Require(!problem.message.empty(), "a mistake is explained");
    Require(is_given_away || (problem.message + problem.key).find(kPlanted) == std::string::npos,
            "no secret in a message");
  }
}

}  // namespace fuzz
