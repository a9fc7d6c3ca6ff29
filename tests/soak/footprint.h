#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace soak {

/// What a process holds.
struct Footprint {
  std::int64_t resident_kib = 0;
  std::int64_t anonymous_kib = 0;  ///< Without what is only a view of files.
  std::int64_t descriptors = 0;
};

/// Throws if there is no such process.
[[nodiscard]] Footprint FootprintOf(pid_t pid);

/// A size in the text of /proc/PID/status, such as "VmRSS"; 0: it is not there.
[[nodiscard]] std::int64_t SizeIn(std::string_view status, std::string_view name);

/// The largest resident size from that percentage of the samples to that one.
[[nodiscard]] std::int64_t LargestResident(const std::vector<Footprint>& samples, std::size_t from,
                                           std::size_t to);

}  // namespace soak
