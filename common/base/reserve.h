#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

namespace common {

/// Reserves capacity for `count` more elements, so that adding them cannot fail. Grows
/// geometrically, as push_back() does.
///
/// Errors: std::bad_alloc leaves the vector unchanged.
template <typename T>
void ReserveMore(std::vector<T>& elements, std::size_t count) {
  const std::size_t needed = elements.size() + count;
  if (needed > elements.capacity()) {
    elements.reserve(std::max(needed, 2 * elements.capacity()));
  }
}

}  // namespace common
