#include "common/preflight/clock.h"

#include <sys/timex.h>

#include <algorithm>
#include <array>
#include <cstdio>

namespace common::preflight {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr seconds kWarningFrom{5};
constexpr seconds kWrongFrom{300};

/// "12.4 s".
std::string Seconds(std::chrono::duration<double> duration) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.1f s", duration.count());
  return text.data();
}

}  // namespace

milliseconds AheadOf(const ClockReading& reading) {
  // The host read its clock between the request and the answer, and cut off up to a second.
  const milliseconds most = reading.received - reading.date;
  const milliseconds least = most - reading.elapsed - seconds(1);
  if (least > milliseconds(0)) return least;
  return std::min(most, milliseconds(0));
}

void JudgeClock(const ClockReading& reading, Report& report) {
  const milliseconds ahead = AheadOf(reading);
  const milliseconds size = std::chrono::abs(ahead);
  if (size < kWarningFrom) {
    return report.Add(Check::kClock, Verdict::kOk,
                      size == milliseconds(0)
                          ? "agrees with the Date of " + reading.host
                          : "differs by " + Seconds(size) + " from the Date of " + reading.host);
  }
  report.Add(Check::kClock, size < kWrongFrom ? Verdict::kWarning : Verdict::kWrong,
             "this machine's clock is " + Seconds(size) +
                 (ahead > milliseconds(0) ? " ahead of" : " behind") + " the Date of " +
                 reading.host + ": set the clock, and keep it right with NTP");
}

std::optional<KernelClock> ReadKernelClock() {
  timex state{};
  const int verdict = ::adjtimex(&state);  // Without modes it only reads.
  if (verdict < 0) return std::nullopt;
  return KernelClock{.is_synchronised = verdict != TIME_ERROR && (state.status & STA_UNSYNC) == 0,
                     .largest_error = std::chrono::microseconds(state.maxerror)};
}

void JudgeKernelClock(const std::optional<KernelClock>& clock, Report& report) {
  if (!clock) {
    report.Add(Check::kClock, Verdict::kUnasked,
               "the kernel does not say whether the clock is right: compare it yourself");
  } else if (clock->is_synchronised) {
    report.Add(Check::kClock, Verdict::kOk,
               "the kernel's clock is synchronised, to within " + Seconds(clock->largest_error));
  } else {
    report.Add(
        Check::kClock, Verdict::kWarning,
        "nothing keeps the kernel's clock right: start a time service, such as chrony (if the "
        "host of this virtual machine keeps it, all is well)");
  }
}

}  // namespace common::preflight
