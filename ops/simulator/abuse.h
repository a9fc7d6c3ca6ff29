#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "common/runtime/shutdown.h"

namespace simulator {

/// For people at a terminal.
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

/// Errors: kReject, a sentence about what is wrong.
common::Result<AbuseOptions> ParseAbuseOptions(const std::vector<std::string_view>& arguments);

/// Keeps so many bad clients at work until the time is over or a stop is asked for. The report, one
/// line of JSON: connections by kind, refused connections, statuses seen.
[[nodiscard]] std::string Abuse(const AbuseOptions& options, const common::Shutdown& shutdown);

}  // namespace simulator
