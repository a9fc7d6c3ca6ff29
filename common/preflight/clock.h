#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "common/base/rfc3339.h"
#include "common/preflight/report.h"

namespace common::preflight {

/// A host's `Date` beside this machine's clock.
struct ClockReading {
  std::string host;
  WallTime date;                        ///< Whole seconds, cut off.
  WallTime received;                    ///< When the answer had arrived.
  std::chrono::milliseconds elapsed{};  ///< From the request to the answer.
};

/// How far this machine's clock is ahead, at least: what the second of the `Date` and the time of
/// the exchange leave open is not counted. Negative: behind.
[[nodiscard]] std::chrono::milliseconds AheadOf(const ClockReading& reading);

/// A warning from 5 s, wrong from 5 min.
void JudgeClock(const ClockReading& reading, Report& report);

/// The kernel's statement about its own clock.
struct KernelClock {
  bool is_synchronised = false;
  std::chrono::microseconds largest_error{};
};
/// Empty if the kernel does not say.
[[nodiscard]] std::optional<KernelClock> ReadKernelClock();
void JudgeKernelClock(const std::optional<KernelClock>& clock, Report& report);

}  // namespace common::preflight
