#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "common/tracing/otlp_json.h"

namespace common::tracing {

/// `tracing:` of a configuration, completed from the standard environment variables.
struct TracingSettings {
  std::string url;                                           ///< Takes the POSTs: the whole URL.
  std::vector<std::pair<std::string, std::string>> headers;  ///< May hold secrets: never logged.
  std::string ca_file;                                       ///< Empty: the system's certificates.
  double ratio = 1;
  bool follows_parent = true;
  /// Slower callbacks and requests are recorded, whatever the sampler decides.
  std::chrono::milliseconds slower_than{};
  /// Spans that wait for the collector, at most, and the KiB that they take. A commit of 2,000
  /// results offers about 8,000 at once.
  std::size_t queue = 16'384;
  std::chrono::milliseconds timeout{10'000};
  Resource resource;
  std::vector<std::string> ignored;  ///< Environment variables that were not used, with the reason.
};

}  // namespace common::tracing
