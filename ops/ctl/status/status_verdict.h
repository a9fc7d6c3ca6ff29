#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "ops/ctl/status/status_facts.h"

namespace ctl {

/// From when on something is an illness and no remark; ops/docs/operations.md has the reasons.
namespace threshold {
/// A callback takes less than that from its acknowledgement to its result while all is well.
inline constexpr std::chrono::minutes kLongWait{1};
/// One callback that waits while its partition goes on is that callback's own trouble for so long.
inline constexpr std::chrono::hours kVeryLongWait{1};
/// Of one reason in an hour.
inline constexpr std::int64_t kManyLetters = 10;
/// transaction.timeout.ms and the time in which a coordinator notices.
inline constexpr std::chrono::seconds kTransactionLife{20};
/// Of our own clock and those of the brokers.
inline constexpr std::chrono::seconds kClockDifference{5};
}  // namespace threshold

/// What the facts say, a sentence each.
struct StatusVerdict {
  std::vector<std::string> troubles;  ///< Somebody should act: NOT WELL.
  std::vector<std::string> unknown;   ///< Could not be asked, so nobody knows whether all is well.
  std::vector<std::string> remarks;   ///< Worth knowing.

  [[nodiscard]] bool IsWell() const { return troubles.empty() && unknown.empty(); }
};

/// Pure.
[[nodiscard]] StatusVerdict Judge(const StatusFacts& facts);

/// Adds what an instance says of itself.
void JudgeInstance(const InstanceFacts& instance, StatusVerdict& verdict);

/// 0: all is well; 3: NOT WELL; 1: Kafka could not be asked, or only a part of it.
[[nodiscard]] int ExitStatusOf(const StatusFacts& facts, const StatusVerdict& verdict);

}  // namespace ctl
