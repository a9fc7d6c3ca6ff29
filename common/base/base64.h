#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace common {

/// Decodes RFC 4648 base64: the alphabet of section 4 or that of section 5 (URLs), with or without
/// padding. nullopt for any other text.
[[nodiscard]] std::optional<std::string> DecodeBase64(std::string_view text);

/// The standard alphabet, with padding.
[[nodiscard]] std::string EncodeBase64(std::string_view bytes);

}  // namespace common
