#pragma once

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "tests/harness/assure_api.h"
#include "tests/soak/consumer_watch.h"
#include "tests/soak/run.h"
#include "tests/soak/settlement.h"

namespace soak {

/// Findings from all phases of the API's failures.
struct ApiFindings {
  double tries = 0;    ///< While the API was down.
  double waiting = 0;  ///< Waiting callbacks when it came back.
  std::vector<std::pair<std::string, tests::AssureApi::Stats>> seen{};  ///< By phase.
  std::vector<std::string> drained{};  ///< One sentence per backlog.
  std::vector<ConsumerWatch::Sample> samples{};
};

/// Requires that consumer left the API alone as intended, no outage made a dead letter, memory
/// stayed flat, and the backlog was worked off.
void JudgeApi(Run& run, const ApiFindings& found, Settlement settlement, std::chrono::seconds down);

}  // namespace soak
