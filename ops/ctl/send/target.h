#pragma once

#include <string>
#include <string_view>

namespace ctl {

/// A sentence for a target whose path already ends with the name or alias of a built-in provider,
/// or with `provider` itself: the route then has a provider twice. Else empty. Pure.
[[nodiscard]] std::string WarningOfTarget(std::string_view target, std::string_view provider);

}  // namespace ctl
