#include "common/http/foreign_protocol.h"

#include <gtest/gtest.h>

#include <string>

#include "common/http/framer.h"

namespace common::http {
namespace {

/// The protocol that is recognised at the first fault of a connection with these first bytes, which
/// come in pieces of that size.
std::string Recognized(const std::string& bytes, std::size_t piece) {
  Framer framer(1024, 1024);
  for (std::size_t from = 0; from < bytes.size(); from += piece) {
    std::string_view input = std::string_view(bytes).substr(from, piece);
    if (framer.Read(input) != Framer::Step::kFault) continue;
    const auto protocol = RecognizeProtocol(framer.empty_lines(), framer.head_bytes());
    if (!protocol) return "none";
    const char* const names[] = {"tls", "http2", "proxy"};
    return names[static_cast<std::size_t>(*protocol)];
  }
  return "no fault";
}

struct Case {
  const char* what;
  std::string bytes;
  const char* expected;
};

TEST(ForeignProtocol, IsRecognizedByItsBeginningHoweverItIsSplit) {
  const std::string proxy_v2("\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c", 16);
  const Case cases[] = {
      {"TLS", "\x16\x03\x01\x02\x00\x01", "tls"},
      {"HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "http2"},
      {"PROXY v1", "PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\nPOST / HTTP/1.1\r\n", "proxy"},
      {"PROXY v1 unknown", "PROXY UNKNOWN\r\nPOST / HTTP/1.1\r\n", "proxy"},
      {"PROXY v2", proxy_v2, "proxy"},
      {"binary", "\x80\x01\x02", "none"},
      {"NUL", std::string("\0\r\nQUIT\n", 8), "none"},
      {"a method like it", "PROXY / HTTP/3.0\r\n\r\n", "proxy"},
      {"garbage", "hello world\r\n", "none"},
      {"a method PROXY", "PROXY / HTTP/1.1\r\n", "no fault"},
  };
  for (const Case& each : cases) {
    for (const std::size_t piece : {std::size_t{1}, std::size_t{3}, each.bytes.size()}) {
      EXPECT_EQ(Recognized(each.bytes, piece), each.expected) << each.what << " by " << piece;
    }
  }
}

}  // namespace
}  // namespace common::http
