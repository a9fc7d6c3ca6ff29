#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "ops/ctl/status/status_facts.h"

namespace ctl {

/// The thresholds between a remark and a trouble; ops/docs/operations.md has the reasons.
namespace threshold {
/// While all is well, a callback has its result within this time after its acknowledgement.
inline constexpr std::chrono::minutes kLongWait{1};
/// A callback may wait this long while its partition advances; it alone is affected.
inline constexpr std::chrono::hours kVeryLongWait{1};
/// Dead letters of one reason in an hour.
inline constexpr std::int64_t kManyLetters = 10;
/// transaction.timeout.ms plus the time until the coordinator notices.
inline constexpr std::chrono::seconds kTransactionLife{20};
/// Between this machine's clock and those of the brokers.
inline constexpr std::chrono::seconds kClockDifference{5};
/// As the alerts AnnouncementsUnread and LooksOverdue.
inline constexpr std::chrono::minutes kAnnouncementsUnread{5};
inline constexpr std::chrono::minutes kLookOverdue{30};
}  // namespace threshold

/// The verdict on the facts, in sentences.
struct StatusVerdict {
  std::vector<std::string> troubles;  ///< Somebody should act: NOT WELL.
  std::vector<std::string> unknown;   ///< Facts that are missing for a verdict.
  std::vector<std::string> remarks;   ///< Worth knowing.

  [[nodiscard]] bool IsWell() const { return troubles.empty() && unknown.empty(); }
};

/// Pure.
[[nodiscard]] StatusVerdict Judge(const StatusFacts& facts);

/// Adds the verdict on one instance.
void JudgeInstance(const InstanceFacts& instance, StatusVerdict& verdict);

/// 0: all is well; 3: NOT WELL; 1: Kafka did not answer, or only in part.
[[nodiscard]] int ExitStatusOf(const StatusFacts& facts, const StatusVerdict& verdict);

}  // namespace ctl
