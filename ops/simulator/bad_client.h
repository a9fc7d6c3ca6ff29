#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace simulator {

/// A client that misbehaves, as a script for one connection.
struct BadClient {
  std::string_view name;
  std::string bytes;                   ///< What it sends in all.
  std::size_t chunk = 0;               ///< So much at a time…
  std::chrono::milliseconds pause{0};  ///< …and then so long nothing.
  bool resets = false;                 ///< Ends with a reset as soon as everything is sent.
  std::chrono::milliseconds stay{0};   ///< Leaves after that time at the latest.
};

/// One of each kind: aborts before the answer, cuts its body off, sends a byte at a time, keeps
/// silent, floods with large bodies, pipelines without reading, breaks the framing. They post to
/// PATH/onfido; the aborting one with `authorization`, always the same callback, whose processId is
/// "abuse"; the others with none.
[[nodiscard]] std::vector<BadClient> BadClients(std::string_view path,
                                                std::string_view authorization);

}  // namespace simulator
