#pragma once

#include <string>

#include "common/base/result.h"
#include "common/runtime/shutdown.h"
#include "ops/simulator/deliver_options.h"

namespace simulator {

/// Delivers until every callback is accepted or given up, or until a stop. Returns the report, one
/// line of JSON.
/// Errors: kStop if the ids file cannot be written.
common::Result<std::string> Deliver(const DeliverOptions& options,
                                    const common::Shutdown& shutdown);

}  // namespace simulator
