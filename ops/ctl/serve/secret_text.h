#pragma once

#include <string>
#include <string_view>

#include "common/base/result.h"
#include "common/base/sha256.h"

namespace ctl {

/// 256 random bits of the kernel, in hex.
/// Errors: kStop if it gives none.
[[nodiscard]] common::Result<std::string> DrawSecret();

/// A digest that recognises a secret in requests, and is kept instead of it.
class SecretDigest {
 public:
  explicit SecretDigest(std::string_view secret) : digest_(common::Sha256(secret)) {}

  /// Takes the same time for every text of one length.
  [[nodiscard]] bool IsOf(std::string_view text) const;

 private:
  common::Sha256Digest digest_;
};

}  // namespace ctl
