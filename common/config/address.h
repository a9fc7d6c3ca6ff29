#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace common::config {

/// Where to listen: an IPv4 or IPv6 address and a port, 0 meaning any free one.
struct Address {
  std::string host;  ///< Without brackets.
  std::uint16_t port = 0;
  friend bool operator==(const Address&, const Address&) = default;
};

/// "127.0.0.1:9100", "[::1]:9100", "localhost:0" (which is 127.0.0.1). Names are not resolved.
[[nodiscard]] std::optional<Address> ParseAddress(std::string_view text);
[[nodiscard]] std::string ToText(const Address& address);

}  // namespace common::config
