#pragma once

#include <string>
#include <string_view>

namespace common {

/// The default of ingest's setting `path_prefix`.
inline constexpr std::string_view kCallbackPathPrefix = "/callbacks";

/// The URL to which a provider sends its callbacks. `target` is ingest's address with its path
/// prefix. Without a path, the default prefix applies. Trailing slashes are ignored.
///
///   http://host:8080            -> http://host:8080/callbacks/onfido
///   http://host/assure/events/  -> http://host/assure/events/onfido
[[nodiscard]] std::string CallbackUrl(std::string_view target, std::string_view provider);

}  // namespace common
