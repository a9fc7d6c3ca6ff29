#pragma once

#include <map>
#include <string>
#include <vector>

namespace tests {

/// The project's files with one of these extensions, except build output: texts by their paths from
/// the root.
[[nodiscard]] std::map<std::string, std::string> ProjectTexts(
    const std::vector<std::string>& extensions);

}  // namespace tests
