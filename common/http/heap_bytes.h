#pragma once

#include <cstddef>
#include <string>

namespace common::http {

/// Memory that a string has on the heap: none, if it is short.
inline std::size_t HeapBytes(const std::string& text) {
  static const std::size_t within = std::string().capacity();
  return text.capacity() > within ? text.capacity() : 0;
}

}  // namespace common::http
