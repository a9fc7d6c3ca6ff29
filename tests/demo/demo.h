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

/// Runs the whole pipeline once and prints a table of callbacks and results. Returns true if every
/// callback became exactly one result.
///
/// Errors: throws if the run cannot be completed.
[[nodiscard]] bool Play(soak::Run& run, const Options& options);

}  // namespace demo
