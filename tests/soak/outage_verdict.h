#pragma once

#include <optional>
#include <vector>

#include "common/base/rfc3339.h"
#include "tests/soak/poison.h"
#include "tests/soak/run.h"
#include "tests/soak/settlement.h"

namespace soak {

inline constexpr int kOutagePartitions = 12;

struct OutageTimes {
  common::WallTime kafka_is_there;  ///< Except the dead partition.
  common::WallTime all_is_there;    ///< Including the dead partition, if there is one.
};

/// Requires that no answer was late or penal and that no callback answered 200 was lost. Reports
/// how long the spooled callbacks took to reach the topic.
void JudgeOutage(Run& run, const Settlement& settlement, const OutageTimes& times,
                 std::optional<int> dead_partition,
                 const std::vector<PoisonSender::Sent>& poisoned);

}  // namespace soak
