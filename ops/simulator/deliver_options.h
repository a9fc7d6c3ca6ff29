#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "ops/simulator/delivery_plan.h"
#include "ops/simulator/synthetic_event.h"

namespace simulator {

[[nodiscard]] std::string_view DeliverHelp();

struct DeliverOptions {
  std::string target;  ///< See common::CallbackUrl.
  std::string authorization;
  std::string announce;  ///< The URL for announcements; empty: none are made.
  std::string announce_authorization;
  std::string ids_file;  ///< Empty: none.
  int concurrency = 32;
  std::chrono::milliseconds timeout{10'000};
  bool quiet = false;
  DeliveryPlanOptions plan;
  EventOptions events;
};

/// Errors: kReject, with a sentence.
common::Result<DeliverOptions> ParseDeliverOptions(const std::vector<std::string_view>& arguments);

}  // namespace simulator
