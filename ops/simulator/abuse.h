#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "common/runtime/shutdown.h"

namespace simulator {

[[nodiscard]] std::string_view AbuseHelp();

struct AbuseOptions {
  std::string host;  ///< An IPv4 address.
  std::uint16_t port = 0;
  std::string path = "/callbacks";
  std::string authorization;
  int connections = 100;
  int rate = 500;  ///< New connections per second at most.
  std::chrono::milliseconds duration{10'000};
};

/// Errors: kReject, with a sentence.
common::Result<AbuseOptions> ParseAbuseOptions(const std::vector<std::string_view>& arguments);

/// Keeps `connections` bad clients busy for `duration` or until a stop. Returns the report, one
/// line of JSON: connections by kind, refused connections, received statuses.
[[nodiscard]] std::string Abuse(const AbuseOptions& options, const common::Shutdown& shutdown);

}  // namespace simulator
