#pragma once

#include <memory>
#include <string_view>

#include "common/config/node.h"

namespace common::config {

/// The tree of a YAML text; what is wrong with its form goes to `context`. The root is a mapping in
/// any case, an empty one if the text is not fit to be read.
[[nodiscard]] std::unique_ptr<YamlNode> ParseYaml(std::string_view text, Context& context);

}  // namespace common::config
