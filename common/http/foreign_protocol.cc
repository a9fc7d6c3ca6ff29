#include "common/http/foreign_protocol.h"

#include <algorithm>

namespace common::http {
namespace {

/// Whether one begins with the other: not all of it may have come yet.
bool Agree(std::string_view bytes, std::string_view beginning) {
  const auto common = std::min(bytes.size(), beginning.size());
  return bytes.substr(0, common) == beginning.substr(0, common);
}

}  // namespace

std::optional<ForeignProtocol> RecognizeProtocol(int empty_lines, std::string_view bytes) {
  using namespace std::string_view_literals;
  if (bytes.empty()) return std::nullopt;
  if (empty_lines == 2 && Agree(bytes, "\0\r\nQUIT\n"sv)) return ForeignProtocol::kProxyProtocol;
  if (empty_lines > 0) return std::nullopt;
  if (bytes.front() == '\x16') return ForeignProtocol::kTls;
  if (bytes.starts_with("PRI * HTTP/2.")) return ForeignProtocol::kHttp2;
  if (bytes.starts_with("PROXY ")) return ForeignProtocol::kProxyProtocol;
  return std::nullopt;
}

}  // namespace common::http
