#pragma once

#include <optional>
#include <string_view>

namespace ingest {

/// Longest provider name that is kept of a path that names no provider.
inline constexpr std::size_t kMaxProviderName = 128;

// path     := *"/" prefixed           ; a URL was put together with a slash too many
// prefixed := prefix                   ; the name is empty
//           | prefix "/" name [ "/" ]  ; name without "/": a provider's, in any case
//           | prefix "/" rest          ; anything else: no provider's
// Outside of it is every other path, "/callbacksfoo" for the prefix "/callbacks" included.

/// Where a path under the prefix leads.
struct Route {
  std::string_view segment;  ///< The one segment that may name a provider; empty if there is none.
  std::string_view rest;     ///< All that follows the prefix and its "/", as sent.
};

/// `prefix` starts with "/" and does not end with one; empty if everything is a callback's.
/// nullopt: outside. Lifetime: views into `path`.
[[nodiscard]] std::optional<Route> MatchRoute(std::string_view prefix, std::string_view path);

}  // namespace ingest
