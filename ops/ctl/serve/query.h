#pragma once

#include <span>
#include <string_view>

#include "common/base/result.h"
#include "ops/ctl/shell/arguments.h"

namespace ctl {

/// The query of a request target as options: `?since=1h` is --since 1h.
/// Errors: kReject for a name that is not among `names` or is given twice.
[[nodiscard]] common::Result<Arguments> ReadQuery(std::string_view target,
                                                  std::span<const std::string_view> names);

/// The value of one name, decoded; empty if it is absent.
[[nodiscard]] std::string FindInQuery(std::string_view target, std::string_view name);

}  // namespace ctl
