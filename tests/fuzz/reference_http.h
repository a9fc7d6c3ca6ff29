#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace fuzz {

/// One request of a stream, as the reference parses it.
struct ReferenceRequest {
  std::size_t end = 0;  ///< Offset in the stream of the first byte after it.
  std::string body;

  friend bool operator==(const ReferenceRequest&, const ReferenceRequest&) = default;
};

struct ReferenceLimits {
  std::size_t max_head = 0;
  std::size_t max_body = 0;
};

/// A second parser that reports where requests end: the complete requests up to the first that is
/// malformed, too large or cut off. It is written from RFC 9112 and the documentation of ingest's
/// interface, not from the framer. It gets the whole stream at once and splits it into lines.
[[nodiscard]] std::vector<ReferenceRequest> ReadReferenceRequests(std::string_view stream,
                                                                  const ReferenceLimits& limits);

}  // namespace fuzz
