#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "common/http/message.h"
#include "ops/ctl/serve/secret_text.h"

namespace ctl {

/// The one session of a run: a token, printed at the start, buys the cookie of the one browser that
/// brings it first.
///
/// Threads: confined to the server's.
class Session {
 public:
  /// Draws both secrets. `port`: cookies of several programs on one host differ by it.
  static common::Result<Session> Begin(std::uint16_t port);

  /// For the address that is printed.
  [[nodiscard]] const std::string& token() const { return token_; }

  /// The value of Set-Cookie, once. None: it is another token, or it was exchanged before.
  [[nodiscard]] std::optional<std::string> Exchange(std::string_view token);
  /// True if a cookie of the request is that of the session.
  [[nodiscard]] bool Admits(const common::http::RequestHead& head) const;

 private:
  Session(std::string cookie_name, std::string token, std::string cookie);

  std::string cookie_name_;
  std::string token_;
  SecretDigest token_digest_;
  std::string cookie_;  ///< Until the exchange.
  SecretDigest cookie_digest_;
  bool is_exchanged_ = false;
};

}  // namespace ctl
