#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "common/preflight/report.h"

namespace common::preflight {

/// The limits of open descriptors of this process.
struct DescriptorLimits {
  std::uint64_t soft = 0;
  std::uint64_t hard = 0;
};
[[nodiscard]] std::optional<DescriptorLimits> ReadDescriptorLimits();

/// Compares the limit in force with what the settings may need.
void JudgeDescriptors(std::optional<std::uint64_t> limit, std::uint64_t needed,
                      const std::string& need_of, Report& report);

}  // namespace common::preflight
