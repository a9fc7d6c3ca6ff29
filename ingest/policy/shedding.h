#pragma once

#include <cstddef>

namespace ingest {

/// What waits for an outcome.
struct Load {
  std::size_t requests = 0;
  std::size_t bytes = 0;  ///< Of their bodies.
};

struct LoadBounds {
  std::size_t max_requests = 20'000;
  std::size_t max_bytes = 256ULL * 1024 * 1024;
};

/// Whether one more request must be refused. Both bounds are hard, and the same for every provider.
[[nodiscard]] constexpr bool MustShed(const Load& load, std::size_t body,
                                      const LoadBounds& bounds) {
  return load.requests >= bounds.max_requests || body > bounds.max_bytes ||
         load.bytes > bounds.max_bytes - body;
}

}  // namespace ingest
