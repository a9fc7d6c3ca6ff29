#include "common/config/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <array>

#include "common/base/number.h"

namespace common::config {
namespace {

bool IsAddressOf(int family, const std::string& text) {
  std::array<unsigned char, sizeof(in6_addr)> binary{};
  return inet_pton(family, text.c_str(), binary.data()) == 1;
}

}  // namespace

std::optional<Address> ParseAddress(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || text.find('\0') != std::string_view::npos) {
    return std::nullopt;  // inet_pton() would stop reading at the NUL.
  }
  const std::optional<std::uint16_t> port = ParseNumber<std::uint16_t>(text.substr(colon + 1));
  std::string host(text.substr(0, colon));
  if (!port) return std::nullopt;
  if (host == "localhost") host = "127.0.0.1";
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
    if (!IsAddressOf(AF_INET6, host)) return std::nullopt;
  } else if (!IsAddressOf(AF_INET, host)) {
    return std::nullopt;
  }
  return Address{.host = std::move(host), .port = *port};
}

std::string ToText(const Address& address) {
  const bool needs_brackets = address.host.find(':') != std::string::npos;
  return (needs_brackets ? "[" + address.host + "]" : address.host) + ":" +
         std::to_string(address.port);
}

}  // namespace common::config
