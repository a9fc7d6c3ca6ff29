#include "consumer/state/marker.h"

#include <chrono>
#include <string>

namespace consumer {
namespace {

/// Half of what Kafka 4 allows; the other half is for differing clocks.
constexpr std::chrono::minutes kMostAhead{30};
constexpr std::chrono::hours kStep{1};
/// A clock in the wrong time zone is at most a day off.
constexpr int kMostSteps = 26;

template <typename Headers>
std::optional<Marker> Read(std::string_view key, const Headers& headers,
                           common::WallTime timestamp) {
  const auto identity = common::Identity::FromBytes(key);
  if (!identity) return std::nullopt;
  Marker marker{.identity = *identity, .record_time = timestamp, .outcome = std::nullopt};
  const auto name = common::LastHeader(headers, common::header::kOutcome);
  for (const Outcome outcome : {Outcome::kPublished, Outcome::kDead}) {
    if (name == ToText(outcome)) marker.outcome = outcome;
  }
  if (const auto text = common::LastHeader(headers, common::header::kRecordTime)) {
    marker.record_time = common::ParseRfc3339(*text).value_or(timestamp);
  }
  return marker;
}

}  // namespace

std::string_view ToText(Outcome outcome) {
  switch (outcome) {
    case Outcome::kPublished:
      return "published";
    case Outcome::kDead:
      return "dead";
  }
  return "";
}

common::RecordHeaders MarkerHeaders(Outcome outcome) {
  return {{std::string(common::header::kOutcome), std::string(ToText(outcome))}};
}

common::WallTime MarkerClock::TimestampOf(common::WallTime record_time,
                                          common::WallTime now) const {
  if (steps_ > 0) return now - (steps_ - 1) * kStep;
  return record_time > now + kMostAhead ? now : record_time;
}

bool MarkerClock::GoBack() {
  if (steps_ > kMostSteps) return false;
  ++steps_;
  return true;
}

std::optional<Marker> ReadMarker(std::string_view key, const common::RecordHeaders& headers,
                                 common::WallTime timestamp) {
  return Read(key, headers, timestamp);
}

std::optional<Marker> ReadArrivedMarker(std::string_view key, const common::HeaderViews& headers,
                                        common::WallTime timestamp) {
  return Read(key, headers, timestamp);
}

}  // namespace consumer
