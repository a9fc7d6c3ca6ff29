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

/// What was seen while the API did what it did.
struct ApiFindings {
  double tries = 0;    ///< While it was down.
  double waiting = 0;  ///< Callbacks, when it came back.
  std::vector<std::pair<std::string, tests::AssureApi::Stats>> seen{};  ///< By part.
  std::vector<std::string> drained{};  ///< A sentence for each backlog.
  std::vector<ConsumerWatch::Sample> samples{};
};

/// Consumer left the API alone as it should, no outage made a dead letter, memory stayed flat, and
/// everything was worked off.
void JudgeApi(Run& run, const ApiFindings& found, Settlement settlement, std::chrono::seconds down);

}  // namespace soak
