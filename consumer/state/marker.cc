#include "consumer/state/marker.h"

#include <string>

namespace consumer {

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

std::optional<Marker> ReadMarker(std::string_view key, const common::RecordHeaders& headers,
                                 common::WallTime timestamp) {
  const auto identity = common::Identity::FromBytes(key);
  if (!identity) return std::nullopt;
  Marker marker{.identity = *identity, .record_time = timestamp, .outcome = std::nullopt};
  const auto name = common::LastHeader(headers, common::header::kOutcome);
  for (const Outcome outcome : {Outcome::kPublished, Outcome::kDead}) {
    if (name == ToText(outcome)) marker.outcome = outcome;
  }
  return marker;
}

}  // namespace consumer
