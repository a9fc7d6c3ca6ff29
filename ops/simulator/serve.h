#pragma once

#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "ops/simulator/assure_server.h"

namespace simulator {

[[nodiscard]] std::string_view ServeHelp();

/// Errors: kReject, with a sentence.
common::Result<AssureServerOptions> ParseServeOptions(
    const std::vector<std::string_view>& arguments);

/// Serves until SIGINT or SIGTERM. Returns the exit status.
int Serve(AssureServerOptions options);

}  // namespace simulator
