#include <unistd.h>

#include <iostream>
#include <string>
#include <string_view>
#include <vector>

#include "common/config/environment.h"
#include "common/runtime/standard_streams.h"
#include "ops/ctl/run.h"

namespace {

/// NO_COLOR: see no-color.org.
bool HasColours() {
  const auto environment = common::config::ProcessEnvironment();
  const std::string terminal = environment("TERM").value_or("dumb");
  return ::isatty(STDOUT_FILENO) == 1 && environment("NO_COLOR").value_or("").empty() &&
         terminal != "dumb";
}

}  // namespace

int main(int argc, char** argv) {
  common::OpenStandardStreams();
  return ctl::Run(std::vector<std::string_view>(argv + 1, argv + argc), std::cout, std::cerr,
                  {.is_terminal = ::isatty(STDERR_FILENO) == 1, .has_colours = HasColours()});
}
