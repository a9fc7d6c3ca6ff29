#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace soak {

/// ProviderIsSilent looks back a day: its times shrink by this factor more. At scale 30 the day is
/// six minutes.
inline constexpr int kDayFactor = 8;

/// Divides the times in Prometheus rules by `scale`:
///
///   for: 5m, [10m], offset 1d   become milliseconds
///   > 900                       only if it is a waiting time
///
/// Everything else stays, including thresholds that do not depend on time:
///
///   KafkaAcksAreSlow            2 s of the broker are 2 s of ingest's 4 s at every scale
///   HalfOfTheRetriesAreGone     a share of the configured schedule
///   ProviderHoldsItsCallbacks   ReadID's hour of wall-clock time
///   counts                      of callbacks, restarts, transactions: more of them in less time
///
/// Errors: throws if the rules lack a threshold that must shrink.
[[nodiscard]] std::string ShrinkRules(std::string_view rules, int scale);

/// Replaces each time and threshold by a word, to compare the rest.
[[nodiscard]] std::string WithoutTimes(const std::string& rules);

/// The names of all alerts, in the order of the rules.
[[nodiscard]] std::vector<std::string> AlertsIn(std::string_view rules);

}  // namespace soak
