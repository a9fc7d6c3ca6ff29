#include "tests/support/parse_arguments.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <sstream>
#include <utility>

namespace tests {

std::optional<UsageEnd> ParseArguments(CLI::App& app, std::vector<std::string> arguments) {
  constexpr int kWrongCall = 2;
  std::ranges::reverse(arguments);  // CLI11 reads them from the back.
  try {
    app.parse(std::move(arguments));
  } catch (const CLI::ParseError& error) {
    std::ostringstream output;
    const int status = app.exit(error, output, output) == 0 ? 0 : kWrongCall;
    return UsageEnd{output.str(), status};
  }
  return std::nullopt;
}

}  // namespace tests
