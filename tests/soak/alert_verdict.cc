#include "tests/soak/alert_verdict.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace soak {
namespace {

using common::WallTime;
using std::chrono::milliseconds;

std::string Row(const std::string& alert, const std::string& fault, const std::string& fires,
                const std::string& resolves) {
  std::array<char, 256> text{};
  std::snprintf(text.data(), text.size(), "%-30s %-62s %10s %10s", alert.c_str(), fault.c_str(),
                fires.c_str(), resolves.c_str());
  return text.data();
}

/// Whole seconds between two times; 0 if `to` is before `from`.
std::string SecondsBetween(WallTime from, WallTime to) {
  const auto time = std::max(milliseconds(0), to - from);
  return std::to_string(std::lround(static_cast<double>(time.count()) / 1000));
}

bool IsDuring(const Episode& episode, const std::string& alert, const InflictedFault& fault) {
  return episode.alert == alert && episode.to >= fault.inflicted &&
         (!fault.settled || episode.from <= *fault.settled);
}

/// The row for an alert that the fault must raise.
std::string RowOf(const std::string& alert, const InflictedFault& fault,
                  const std::vector<Episode>& episodes) {
  std::string fires = "NEVER";
  std::string resolves = "-";
  bool is_first = true;
  for (const Episode& episode : episodes) {
    if (!IsDuring(episode, alert, fault)) continue;
    if (is_first) fires = SecondsBetween(fault.inflicted, episode.from);
    resolves = SecondsBetween(fault.healed, episode.to);
    is_first = false;
  }
  return Row(alert, fault.fault.what, fires, resolves);
}

void JudgeOneAlert(const std::string& alert, const AlertFindings& findings, AlertVerdict& verdict) {
  bool is_raised = false;
  for (const InflictedFault& fault : findings.faults) {
    if (std::ranges::count(fault.fault.must, alert) == 0) continue;
    is_raised = true;
    verdict.table.push_back(RowOf(alert, fault, findings.episodes));
  }
  if (is_raised) return;
  const std::string reason = WhyNotRaised(alert, findings.scale);
  if (reason.empty()) verdict.failures.push_back("no fault was caused to raise " + alert);
  verdict.table.push_back(Row(alert, "not made: " + (reason.empty() ? "?" : reason), "-", "-"));
}

/// True if a fault explains the alert when it begins to fire, or did so shortly before.
bool HasCause(const Episode& episode, const AlertFindings& findings) {
  const std::chrono::seconds after(2 + 300 / findings.scale);
  return std::ranges::any_of(findings.faults, [&](const InflictedFault& fault) {
    return fault.fault.Concerns(episode.alert) && episode.from >= fault.inflicted &&
           (!fault.settled || episode.from <= *fault.settled + after);
  });
}

}  // namespace

std::vector<Episode> EpisodesOf(const std::string& alert, const std::vector<WallTime>& fired,
                                milliseconds step) {
  std::vector<Episode> episodes;
  for (const WallTime time : fired) {
    if (episodes.empty() || time - episodes.back().to > 3 * step) {
      episodes.push_back({alert, time, time});
    }
    episodes.back().to = time;
  }
  return episodes;
}

AlertVerdict JudgeAlerts(const AlertFindings& findings) {
  AlertVerdict verdict{.table = {Row("alert", "fault", "fires, s", "resolves, s")}, .failures = {}};
  for (const std::string& alert : findings.alerts) JudgeOneAlert(alert, findings, verdict);
  for (const Episode& episode : findings.episodes) {
    if (HasCause(episode, findings)) continue;
    verdict.failures.push_back(
        episode.alert + " fired " + SecondsBetween(findings.begun, episode.from) +
        " s after the start for " + SecondsBetween(episode.from, episode.to) +
        " s, without a fault of its own");
  }
  return verdict;
}

}  // namespace soak
