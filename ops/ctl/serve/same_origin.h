#pragma once

#include <string>
#include <string_view>

#include "common/http/message.h"

namespace ctl {

/// Tells requests of our own page from requests that another page makes a browser send.
///
/// A name that an attacker owns may point to this address (DNS rebinding), so `Host` must be an
/// address or `localhost`. Its port is free: a tunnel or a container may have another one, and a
/// page cannot choose it for us. Other programs on this host are the same *site*, and their pages
/// get our cookie sent, so `Origin` and `Sec-Fetch-Site` must name the same origin.
///
/// Pure.
class SameOrigin {
 public:
  /// `host`: the address that the server listens on.
  explicit SameOrigin(std::string host) : host_(std::move(host)) {}

  /// Listening on one address: that one, and `localhost` if it is a loopback. Listening on all of
  /// them: every literal address, and `localhost`.
  [[nodiscard]] bool IsOurHost(const common::http::RequestHead& head) const;
  /// A request that changes something must prove its origin; another one must not have a foreign
  /// one.
  [[nodiscard]] static bool IsOurOrigin(const common::http::RequestHead& head);

 private:
  std::string host_;
};

/// 127.0.0.0/8 or ::1.
[[nodiscard]] bool IsLoopback(std::string_view host);
/// 0.0.0.0 or ::.
[[nodiscard]] bool IsWildcard(std::string_view host);

}  // namespace ctl
