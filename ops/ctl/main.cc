#include <unistd.h>

#include <iostream>
#include <string_view>
#include <vector>

#include "common/runtime/standard_streams.h"
#include "ops/ctl/run.h"

int main(int argc, char** argv) {
  common::OpenStandardStreams();
  return ctl::Run(std::vector<std::string_view>(argv + 1, argv + argc), std::cout, std::cerr,
                  ::isatty(STDERR_FILENO) == 1);
}
