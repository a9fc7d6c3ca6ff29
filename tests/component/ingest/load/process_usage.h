#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstddef>

namespace ingest {

/// What the kernel says about a running program; zeros if it has ended.
struct ProcessUsage {
  std::size_t memory = 0;       ///< Resident now.
  std::size_t peak_memory = 0;  ///< The most that was ever resident.
  std::size_t descriptors = 0;
  std::chrono::milliseconds cpu{};
};

[[nodiscard]] ProcessUsage UsageOf(pid_t process);

/// A sanitizer keeps what is freed: memory says nothing under it.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool kMemoryIsMeaningful = false;
#else
inline constexpr bool kMemoryIsMeaningful = true;
#endif

}  // namespace ingest
