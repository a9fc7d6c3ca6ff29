#include "common/domain/marker.h"

#include <string>

namespace common {
namespace {

template <typename Headers>
std::optional<Marker> Read(std::string_view key, const Headers& headers, WallTime timestamp) {
  const auto identity = Identity::FromBytes(key);
  if (!identity) return std::nullopt;
  Marker marker{.identity = *identity, .record_time = timestamp, .outcome = std::nullopt};
  const auto name = LastHeader(headers, header::kOutcome);
  for (const MarkerOutcome outcome :
       {MarkerOutcome::kPublished, MarkerOutcome::kDead, MarkerOutcome::kIgnored}) {
    if (name == ToText(outcome)) marker.outcome = outcome;
  }
  marker.is_fetched = LastHeader(headers, header::kFetch) != kFetchNone;
  if (const auto text = LastHeader(headers, header::kRecordTime)) {
    marker.record_time = ParseRfc3339(*text).value_or(timestamp);
  }
  return marker;
}

}  // namespace

std::string_view ToText(MarkerOutcome outcome) {
  switch (outcome) {
    case MarkerOutcome::kPublished:
      return "published";
    case MarkerOutcome::kDead:
      return "dead";
    case MarkerOutcome::kIgnored:
      return "ignored";
  }
  return "";
}

RecordHeaders MarkerHeaders(MarkerOutcome outcome) {
  return {{std::string(header::kOutcome), std::string(ToText(outcome))}};
}

std::optional<Marker> ReadMarker(std::string_view key, const RecordHeaders& headers,
                                 WallTime timestamp) {
  return Read(key, headers, timestamp);
}

std::optional<Marker> ReadArrivedMarker(std::string_view key, const HeaderViews& headers,
                                        WallTime timestamp) {
  return Read(key, headers, timestamp);
}

}  // namespace common
