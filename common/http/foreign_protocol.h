#pragma once

#include <optional>
#include <string_view>

namespace common::http {

/// A protocol that a proxy or a client may speak to an HTTP/1 port by mistake.
enum class ForeignProtocol {
  kTls,            ///< A TLS handshake: `\x16`
  kHttp2,          ///< The connection preface: "PRI * HTTP/2.0"
  kProxyProtocol,  ///< The PROXY protocol: "PROXY ", or "\r\n\r\n\0\r\nQUIT\n"
};

inline constexpr ForeignProtocol kAllForeignProtocols[] = {
    ForeignProtocol::kTls, ForeignProtocol::kHttp2, ForeignProtocol::kProxyProtocol};

/// Recognises the protocol of a connection whose first bytes are malformed. `bytes` begin behind
/// the first `empty_lines` empty lines, and end where reading has ended. Pure.
[[nodiscard]] std::optional<ForeignProtocol> RecognizeProtocol(int empty_lines,
                                                               std::string_view bytes);

}  // namespace common::http
