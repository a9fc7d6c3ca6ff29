#pragma once

#include <string>

#include "tests/soak/run.h"

namespace demo {

struct Options {
  int callbacks = 2000;
  double duplicate_rate = 0.5;
  bool kill = false;
  bool keep = false;
  std::string cluster;  ///< Its address; empty: a broker of our own.
};

/// Runs the whole pipeline once, prints what has become of the callbacks, and gives the verdict:
/// true if every callback has become exactly one result.
///
/// Errors: throws if the pipeline cannot be run to the end.
[[nodiscard]] bool Play(soak::Run& run, const Options& options);

}  // namespace demo
