#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/base/rfc3339.h"

namespace simulator {

// token := expiry "." serial "." seal     ; decimal ms since the epoch, decimal, 32 hex digits
// seal  := SHA-256 over key, expiry and serial, its first half

/// Issues and checks bearer tokens without remembering them.
///
/// Threads: any; immutable.
class Tokens {
 public:
  explicit Tokens(std::uint64_t key) : key_(key) {}

  [[nodiscard]] std::string Issue(common::WallTime expiry, std::uint64_t serial) const;

  enum class TokenValidity { kValid, kExpired, kForged };
  [[nodiscard]] TokenValidity Check(std::string_view token, common::WallTime now) const;

 private:
  std::uint64_t key_;
};

}  // namespace simulator
