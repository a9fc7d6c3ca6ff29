#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "ops/simulator/arguments.h"

namespace bench {

/// What every load that a Pace drives is told, by bench-load and bench-produce alike.
struct PacedLoad {
  double rate = 0;  ///< Per second; 0: as fast as they are done.
  double seconds = 4;
  std::uint32_t run = 0;
  std::string ids;  ///< A file; empty: none.

  /// `specific` and --rate, --seconds, --run, --ids. Errors: throws, a sentence.
  void ReadOptions(const std::vector<std::string_view>& arguments,
                   std::vector<simulator::Option> specific);

  /// Writes the process ids of the first `count` callbacks to `ids`, if that is a file.
  /// Errors: throws if it cannot be written.
  void WriteIds(std::uint64_t count) const;
};

}  // namespace bench
