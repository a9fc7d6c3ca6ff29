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
  common::WallTime kafka_is_there;  ///< All but the dead partition.
  common::WallTime all_is_there;    ///< The same, if there is none.
};

/// Nothing is late, nothing is punished, nothing that was answered 200 is lost; and how long it took
/// until what had waited was on the topic.
void JudgeOutage(Run& run, const Settlement& settlement, const OutageTimes& times,
                 std::optional<int> dead_partition,
                 const std::vector<PoisonSender::Sent>& poisoned);

}  // namespace soak
