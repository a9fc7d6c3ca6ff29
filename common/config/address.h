#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace common::config {

/// An address to listen on: an IPv4 or IPv6 address and a port. Port 0: any free port.
struct Address {
  std::string host;  ///< Without brackets.
  std::uint16_t port = 0;
  friend bool operator==(const Address&, const Address&) = default;
};

/// "127.0.0.1:9100", "[::1]:9100", "localhost:0" (127.0.0.1). Resolves no other name.
[[nodiscard]] std::optional<Address> ParseAddress(std::string_view text);
[[nodiscard]] std::string ToText(const Address& address);

}  // namespace common::config
