#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstddef>

namespace ingest {

/// The kernel's figures about a running process; zeros if it has exited.
struct ProcessUsage {
  std::size_t memory = 0;       ///< Resident now.
  std::size_t peak_memory = 0;  ///< The highest resident size.
  std::size_t descriptors = 0;
  std::chrono::milliseconds cpu{};
};

[[nodiscard]] ProcessUsage UsageOf(pid_t process);

/// Sanitizers keep freed memory, so its size means nothing under them.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool kMemoryIsMeaningful = false;
#else
inline constexpr bool kMemoryIsMeaningful = true;
#endif

}  // namespace ingest
