#pragma once

#include <array>
#include <cstdio>
#include <string>

namespace simulator {

/// A finite number as JSON, with six significant digits.
[[nodiscard]] inline std::string DecimalText(double value) {
  std::array<char, 32> digits{};
  std::snprintf(digits.data(), digits.size(), "%.6g", value);
  return digits.data();
}

}  // namespace simulator
