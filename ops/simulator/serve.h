#pragma once

#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "ops/simulator/assure_server.h"

namespace simulator {

/// For people at a terminal.
[[nodiscard]] std::string_view ServeHelp();

/// Errors: kReject, a sentence about what is wrong.
common::Result<AssureServerOptions> ParseServeOptions(
    const std::vector<std::string_view>& arguments);

/// Serves until SIGINT or SIGTERM. The exit status.
int Serve(AssureServerOptions options);

}  // namespace simulator
