#pragma once

#include <optional>
#include <string>
#include <vector>

namespace CLI {  // NOLINT(readability-identifier-naming): CLI11's
class App;
}

namespace tests {

/// The end of a program that was asked for its usage, or called wrongly.
struct UsageEnd {
  std::string output;
  int status = 0;  ///< 2 for a wrong call.
};

/// Parses `arguments` (without the program's name). Returns the end of the program, if it must not
/// go on.
[[nodiscard]] std::optional<UsageEnd> ParseArguments(CLI::App& app,
                                                     std::vector<std::string> arguments);

}  // namespace tests
