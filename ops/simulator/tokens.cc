#include "ops/simulator/tokens.h"

#include <charconv>

#include "common/base/sha256.h"

namespace simulator {

std::string Tokens::Issue(common::WallTime expiry, std::uint64_t serial) const {
  constexpr std::size_t kSealDigits = 32;
  const std::string claim =
      std::to_string(expiry.time_since_epoch().count()) + "." + std::to_string(serial);
  const std::string seal = common::Sha256Hex(std::to_string(key_) + "." + claim);
  return claim + "." + seal.substr(0, kSealDigits);
}

Tokens::TokenValidity Tokens::Check(std::string_view token, common::WallTime now) const {
  std::int64_t expiry_ms = 0;
  std::uint64_t serial = 0;
  const char* end = token.data() + token.size();
  const auto [after_expiry, expiry_error] = std::from_chars(token.data(), end, expiry_ms);
  if (expiry_error != std::errc() || after_expiry == end) return TokenValidity::kForged;
  const auto [after_serial, serial_error] = std::from_chars(after_expiry + 1, end, serial);
  if (serial_error != std::errc()) return TokenValidity::kForged;
  const common::WallTime expiry{std::chrono::milliseconds(expiry_ms)};
  if (token != Issue(expiry, serial)) return TokenValidity::kForged;
  return expiry <= now ? TokenValidity::kExpired : TokenValidity::kValid;
}

}  // namespace simulator
