#include "tests/soak/alert_rules.h"

#include <array>
#include <cmath>
#include <cstdio>
#include <functional>
#include <regex>
#include <set>
#include <stdexcept>

namespace soak {
namespace {

void ForEachLine(std::string_view text, const std::function<void(const std::string&)>& use) {
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    use(std::string(text.substr(0, end)));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
}

/// The name of the alert that begins on this line; empty if none begins.
std::string AlertOn(const std::string& line) {
  static const std::regex kAlert(R"(^ *- alert: (\w+)$)");
  std::smatch found;
  return std::regex_match(line, found, kAlert) ? found[1].str() : std::string();
}

double FactorOf(const std::string& alert, int scale) {
  if (alert == "ProviderIsSilent") return scale * kDayFactor;
  // Three restarts of a broker must fit into its time.
  if (alert == "ProducerRebuilt") return scale / 3.0;
  return scale;
}

double MillisecondsIn(const std::string& count, char unit) {
  const double number = std::stod(count);
  switch (unit) {
    case 's':
      return number * 1e3;
    case 'm':
      return number * 60e3;
    case 'h':
      return number * 3600e3;
    default:
      return number * 86400e3;
  }
}

std::string ShrinkDurations(const std::string& line, double factor) {
  static const std::regex kDuration(R"((for: |\[|offset )([0-9]+)([smhd]))");
  std::string shrunk;
  auto rest = line.cbegin();
  for (std::sregex_iterator at(line.begin(), line.end(), kDuration), end; at != end; ++at) {
    const auto milliseconds =
        std::lround(MillisecondsIn((*at)[2].str(), (*at)[3].str().front()) / factor);
    shrunk.append(rest, (*at)[0].first);
    shrunk.append((*at)[1].str() + std::to_string(milliseconds) + "ms");
    rest = (*at)[0].second;
  }
  return shrunk.append(rest, line.cend());
}

/// Shrinks the threshold of the line. False if it has none.
bool ShrinkThreshold(std::string& line, int scale) {
  static const std::regex kThreshold("> ([0-9]+)");
  std::smatch found;
  if (!std::regex_search(line, found, kThreshold)) return false;
  std::array<char, 32> number{};
  std::snprintf(number.data(), number.size(), "%.6g", std::stod(found[1].str()) / scale);
  line = found.prefix().str() + "> " + number.data() + found.suffix().str();
  return true;
}

}  // namespace

std::string ShrinkRules(std::string_view rules, int scale) {
  std::set<std::string> waits{"SpoolIsOld",           "SpoolIsStale",  "ResultsAreLate",
                              "CallbackWaitsForLong", "RestoreIsSlow", "AnnouncementsUnread",
                              "LooksOverdue"};
  std::string shrunk;
  std::string alert;
  ForEachLine(rules, [&](const std::string& line) {
    if (const std::string begun = AlertOn(line); !begun.empty()) alert = begun;
    const bool is_prose = line.find(" summary: ") != std::string::npos;
    std::string next = is_prose ? line : ShrinkDurations(line, FactorOf(alert, scale));
    if (!is_prose && waits.contains(alert) && ShrinkThreshold(next, scale)) waits.erase(alert);
    shrunk.append(next + "\n");
  });
  if (!waits.empty()) throw std::runtime_error(*waits.begin() + " has no threshold");
  return shrunk;
}

std::string WithoutTimes(const std::string& rules) {
  static const std::regex kTime(R"(\b[0-9]+(ms|[smhd])\b)");
  static const std::regex kThreshold("> [0-9.]+");
  return std::regex_replace(std::regex_replace(rules, kTime, "TIME"), kThreshold, "> NUMBER");
}

std::vector<std::string> AlertsIn(std::string_view rules) {
  std::vector<std::string> alerts;
  ForEachLine(rules, [&](const std::string& line) {
    if (std::string alert = AlertOn(line); !alert.empty()) alerts.push_back(std::move(alert));
  });
  return alerts;
}

}  // namespace soak
