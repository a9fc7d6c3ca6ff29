#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "common/config/environment.h"

namespace common::config {

/// Why Expand() failed. The message contains no value.
struct NotExpanded {
  std::string message;
};

// text := { "${" name "}"     ; the variable's value
//         | "$${"             ; the characters ${
//         | any other byte }
// name := (letter | "_") { letter | digit | "_" }
[[nodiscard]] std::variant<std::string, NotExpanded> Expand(std::string_view text,
                                                            const Environment& environment);

/// True if the text contains `${`, so its expanded value may be a secret from the environment.
[[nodiscard]] inline bool HasVariable(std::string_view text) {
  return text.find("${") != std::string_view::npos;
}

}  // namespace common::config
