#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "common/config/document.h"

namespace common::config {

using Variables = std::map<std::string, std::string>;

inline Environment EnvironmentOf(Variables variables) {
  return [variables = std::move(variables)](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    if (found == variables.end()) return std::nullopt;
    return found->second;
  };
}

inline std::vector<std::string> Rendered(const Problems& problems) {
  std::vector<std::string> lines;
  for (const Problem& problem : problems) lines.push_back(Render("f.yaml", problem));
  return lines;
}

/// The mistakes found while `read` reads the text.
template <typename Read>
std::vector<std::string> MistakesOf(std::string_view text, Read read,
                                    const Variables& variables = {}) {
  Document document = Document::Parse(text, EnvironmentOf(variables));
  read(document.root());
  return Rendered(document.Finish());
}

}  // namespace common::config
