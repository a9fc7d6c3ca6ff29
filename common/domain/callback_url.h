#pragma once

#include <string>
#include <string_view>

namespace common {

/// Where ingest takes callbacks unless its configuration says otherwise: `path_prefix`.
inline constexpr std::string_view kCallbackPathPrefix = "/callbacks";

/// Where a provider's callbacks go. `target` is ingest's address, with its path prefix or without a
/// path, which stands for the default prefix; slashes at its end do not count.
///
///   http://host:8080            -> http://host:8080/callbacks/onfido
///   http://host/assure/events/  -> http://host/assure/events/onfido
[[nodiscard]] std::string CallbackUrl(std::string_view target, std::string_view provider);

}  // namespace common
