#include <unistd.h>

#include <cstdlib>
#include <iostream>
#include <string_view>
#include <vector>

#include "common/runtime/standard_streams.h"
#include "ops/ctl/run.h"

namespace {

bool IsSet(const char* variable) {
  const char* const value = std::getenv(variable);
  return value != nullptr && *value != '\0';
}

/// NO_COLOR: see no-color.org.
bool HasColours() {
  const char* const terminal = std::getenv("TERM");
  return ::isatty(STDOUT_FILENO) == 1 && !IsSet("NO_COLOR") && terminal != nullptr &&
         std::string_view(terminal) != "dumb";
}

}  // namespace

int main(int argc, char** argv) {
  common::OpenStandardStreams();
  return ctl::Run(std::vector<std::string_view>(argv + 1, argv + argc), std::cout, std::cerr,
                  {.is_terminal = ::isatty(STDERR_FILENO) == 1, .has_colours = HasColours()});
}
