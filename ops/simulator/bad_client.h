#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace simulator {

/// A misbehaving client, as a script for one connection.
struct BadClient {
  std::string_view name;
  std::string bytes;                   ///< All that it sends.
  std::size_t chunk = 0;               ///< Bytes per write.
  std::chrono::milliseconds pause{0};  ///< Between writes.
  bool resets = false;                 ///< Resets the connection after the last byte.
  std::chrono::milliseconds stay{0};   ///< Closes the connection after this time at the latest.
};

/// One of each kind: aborts before the answer, cuts its body off, sends a byte at a time, keeps
/// silent, floods with large bodies, pipelines without reading, breaks the framing. They post to
/// PATH/onfido. Only the aborting one sends `authorization`; it always posts the same callback,
/// with the processId "abuse".
[[nodiscard]] std::vector<BadClient> BadClients(std::string_view path,
                                                std::string_view authorization);

}  // namespace simulator
