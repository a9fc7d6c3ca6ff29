#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace ctl {

struct ProbeAnswer {
  int status = 0;     ///< 0: no answer.
  std::string body;   ///< At most 1 MiB of it.
  std::string error;  ///< Why there is no answer.
};

/// GETs all URLs concurrently, within `limit`; the answers are in their order. Follows no redirect.
[[nodiscard]] std::vector<ProbeAnswer> Probe(const std::vector<std::string>& urls,
                                             std::chrono::milliseconds limit);

}  // namespace ctl
