#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace ctl {

struct ProbeAnswer {
  int status = 0;     ///< 0: there is none.
  std::string body;   ///< At most 1 MiB of it.
  std::string error;  ///< Why there is no answer.
};

/// GETs all of them at once; in their order. Follows no redirect, and needs `limit` at most.
[[nodiscard]] std::vector<ProbeAnswer> Probe(const std::vector<std::string>& urls,
                                             std::chrono::milliseconds limit);

}  // namespace ctl
