#pragma once

#include <string_view>

namespace common {

/// The commit that was built, abbreviated; "unknown" without a git checkout. Changes that were not
/// committed do not show.
[[nodiscard]] std::string_view Commit();

}  // namespace common
