#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace soak {

/// A process's memory and descriptors.
struct Footprint {
  std::int64_t resident_kib = 0;
  std::int64_t anonymous_kib = 0;  ///< Without file-backed pages.
  std::int64_t descriptors = 0;
};

/// Throws if the process does not exist.
[[nodiscard]] Footprint FootprintOf(pid_t pid);

/// A size in the text of /proc/PID/status, such as "VmRSS"; 0 if absent.
[[nodiscard]] std::int64_t SizeIn(std::string_view status, std::string_view name);

/// The largest resident size between two percentages of the samples.
[[nodiscard]] std::int64_t LargestResident(const std::vector<Footprint>& samples, std::size_t from,
                                           std::size_t to);

}  // namespace soak
