#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "common/runtime/shutdown.h"
#include "ops/simulator/delivery_plan.h"

namespace simulator {

[[nodiscard]] std::string_view DeliverHelp();

struct DeliverOptions {
  std::string target;  ///< See common::CallbackUrl.
  std::string authorization;
  std::string ids_file;  ///< Empty: none.
  int concurrency = 32;
  std::chrono::milliseconds timeout{10'000};
  bool quiet = false;
  DeliveryPlanOptions plan;
};

/// Errors: kReject, with a sentence.
common::Result<DeliverOptions> ParseDeliverOptions(const std::vector<std::string_view>& arguments);

/// Delivers until every callback is accepted or given up, or until a stop. Returns the report, one
/// line of JSON.
/// Errors: kStop if the ids file cannot be written.
common::Result<std::string> Deliver(const DeliverOptions& options,
                                    const common::Shutdown& shutdown);

}  // namespace simulator
