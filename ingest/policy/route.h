#pragma once

#include <optional>
#include <string_view>

namespace ingest {

/// Longest path that is kept as the name of an unknown provider.
inline constexpr std::size_t kMaxProviderName = 128;

// path     := *"/" prefixed           ; some URLs are built with an extra slash
// prefixed := prefix                   ; the name is empty
//           | prefix "/" name [ "/" ]  ; name without "/": a provider's, in any case
//           | prefix "/" rest          ; anything else: an unknown provider
// Every other path is outside, such as "/callbacksfoo" for the prefix "/callbacks".

/// The part of a path after the prefix.
struct Route {
  std::string_view segment;  ///< The only segment, which may name a provider; empty if there is no
                             ///< such segment.
  std::string_view rest;     ///< Everything after the prefix and its "/", as sent.
};

/// nullopt if the path is outside the prefix. `prefix` starts with "/" and does not end with one;
/// it is empty if every path is a callback's.
///
/// Lifetime: views into `path`.
[[nodiscard]] std::optional<Route> MatchRoute(std::string_view prefix, std::string_view path);

}  // namespace ingest
