#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "common/http/message.h"

namespace common::http {

/// The head's statements about the connection, and about the framing of the body.
struct Framing {
  bool http11 = true;
  bool keep_alive = true;  ///< The client's wish, with the default of its version.
  bool expects_continue = false;
  bool chunked = false;
  std::uint64_t length = 0;  ///< Content-Length; too large a number saturates. 0 if there is none.

  friend bool operator==(const Framing&, const Framing&) = default;
};

// head         := request-line *( field CRLF ) CRLF
// request-line := method SP target SP "HTTP/1." DIGIT CRLF   ; above 1.1: read as 1.1
// target       := origin-form / absolute-form / "*"
// field        := token ":" OWS value OWS          ; no obs-fold, no control characters
//
// Beyond the grammar (RFC 9112, with the choices that leave no room for two readings):
//   Host               exactly once; HTTP/1.0 may leave it out
//   Content-Length     at most once, digits only
//   Transfer-Encoding  at most once, `chunked` only, never beside Content-Length or in HTTP/1.0
//   POST               needs one of the two

/// Reads one complete head, its blank line included. On success `head` and `framing` are set but
/// for the times; the views point into `bytes`. Pure.
[[nodiscard]] std::optional<HttpFault> ParseHead(std::string_view bytes, RequestHead& head,
                                                 Framing& framing);

/// The first line alone, without its CRLF.
[[nodiscard]] bool IsRequestLine(std::string_view line);

}  // namespace common::http
