#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "ops/simulator/arguments.h"

namespace bench {

/// The options of a load with a Pace: those that bench-load and bench-produce share.
struct PacedLoad {
  double rate = 0;  ///< Per second; 0: no limit.
  double seconds = 4;
  std::uint32_t run = 0;
  std::string ids;  ///< A file; empty: none.

  /// Reads `specific` and --rate, --seconds, --run, --ids.
  /// Errors: throws, with a sentence.
  void ReadOptions(const std::vector<std::string_view>& arguments,
                   std::vector<simulator::Option> specific);

  /// Writes the process ids of the first `count` callbacks to `ids`, if given.
  /// Errors: throws if it cannot be written.
  void WriteIds(std::uint64_t count) const;
};

}  // namespace bench
