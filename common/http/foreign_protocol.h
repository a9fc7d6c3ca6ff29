#pragma once

#include <optional>
#include <string_view>

namespace common::http {

/// What a proxy or a client may speak by mistake to a port that is for HTTP/1.
enum class ForeignProtocol {
  kTls,            ///< A TLS handshake: `\x16`
  kHttp2,          ///< The connection preface: "PRI * HTTP/2.0"
  kProxyProtocol,  ///< The PROXY protocol: "PROXY ", or "\r\n\r\n\0\r\nQUIT\n"
};

inline constexpr ForeignProtocol kAllForeignProtocols[] = {
    ForeignProtocol::kTls, ForeignProtocol::kHttp2, ForeignProtocol::kProxyProtocol};

/// What a malformed beginning of a connection is. `bytes` are those from the first one that is no
/// empty line, as far as they were read; `empty_lines` were before them. Pure.
[[nodiscard]] std::optional<ForeignProtocol> RecognizeProtocol(int empty_lines,
                                                               std::string_view bytes);

}  // namespace common::http
