#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace fuzz {

/// One request of a stream, as the reference reads it.
struct ReferenceRequest {
  std::size_t end = 0;  ///< Offset in the stream of the first byte behind it.
  std::string body;

  friend bool operator==(const ReferenceRequest&, const ReferenceRequest&) = default;
};

struct ReferenceLimits {
  std::size_t max_head = 0;
  std::size_t max_body = 0;
};

/// A second parser, which tells where requests end: the complete ones up to the first that is
/// malformed, too large or cut off. Written from RFC 9112 and the documentation of ingest's surface
/// and not from the framer: it has the whole stream at once, splits it into lines and looks at
/// each.
[[nodiscard]] std::vector<ReferenceRequest> ReadReferenceRequests(std::string_view stream,
                                                                  const ReferenceLimits& limits);

}  // namespace fuzz
