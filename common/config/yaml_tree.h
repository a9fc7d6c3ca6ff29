#pragma once

#include <memory>
#include <string_view>

#include "common/config/node.h"

namespace common::config {

/// Parses a YAML text. Reports syntax errors to `context`. The root is always a mapping; it is
/// empty if the text is invalid.
[[nodiscard]] std::unique_ptr<YamlNode> ParseYaml(std::string_view text, Context& context);

}  // namespace common::config
