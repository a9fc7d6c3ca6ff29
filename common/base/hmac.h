#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace common {

enum class HmacHash { kSha256, kSha512 };

/// RFC 2104 over the concatenation of the parts, which are not copied. 32 or 64 bytes.
[[nodiscard]] std::string Hmac(HmacHash hash, std::string_view key,
                               std::span<const std::string_view> parts);

/// True if both have the same bytes. The time depends only on the sizes.
[[nodiscard]] bool EqualsInConstantTime(std::string_view a, std::string_view b);
[[nodiscard]] bool EqualsInConstantTime(std::span<const std::uint8_t> a,
                                        std::span<const std::uint8_t> b);

}  // namespace common
