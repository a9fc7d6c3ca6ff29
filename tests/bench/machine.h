#pragma once

#include <string>

#include "tests/bench/options.h"

namespace bench {

/// Four lines: date and commit, machine, kernel, versions.
[[nodiscard]] std::string DescribeMachine(const Options& options);

}  // namespace bench
