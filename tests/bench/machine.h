#pragma once

#include <string>

#include "tests/bench/options.h"

namespace bench {

/// Four lines: when and what was measured, machine, kernel, versions.
[[nodiscard]] std::string DescribeMachine(const Options& options);

}  // namespace bench
