#pragma once

#include <optional>
#include <string_view>

#include "common/base/rfc3339.h"
#include "common/domain/identity.h"
#include "common/domain/record_headers.h"

namespace common {

// Record on callbacks.seen:
//   key       := identity               ; 16 bytes
//   value     := ""                     ; zero bytes, not null: the topic is not compacted
//   headers   := "outcome" ( "published" | "dead" | "ignored" )
//                ["fetch" "none"]             ; of an event that was published as it came
//                "instance" … "transaction" …         ; see transaction_numbers.h
//                ["key-hash" 8 hex digits]    ; murmur2 of its callback's key: finds the marker's
//                                             ; partition among more of them
//                ["record-time" RFC 3339]     ; absent: equal to the timestamp
//   timestamp := the record time              ; so the topic is CreateTime. Another time, with the
//                                             ; header, if brokers would refuse the record time
//   partition := the source record's

/// The outcome of a callback or event. Only an event can be ignored: neither result nor dead
/// letter.
enum class MarkerOutcome { kPublished, kDead, kIgnored };

/// The value of the header `outcome`, and a metric label.
[[nodiscard]] std::string_view ToText(MarkerOutcome outcome);

/// A marker's key is `identity.view()`, its value empty.
[[nodiscard]] RecordHeaders MarkerHeaders(MarkerOutcome outcome);
inline constexpr std::string_view kFetchNone = "none";  ///< The value of the header `fetch`.
inline constexpr std::string_view kKeyHashHeader = "key-hash";

struct Marker {
  Identity identity;
  WallTime record_time{};                ///< Of its callback: RecordTimes::marked_at.
  std::optional<MarkerOutcome> outcome;  ///< None: absent, or unknown to this version.
  bool is_fetched = true;                ///< False: of an event that was published as it came.
};

/// None if the key is not an identity. Any marker, whatever its outcome, means that the identity
/// has been handled.
[[nodiscard]] std::optional<Marker> ReadMarker(std::string_view key, const RecordHeaders& headers,
                                               WallTime timestamp);
/// The same for a record that the client still holds.
[[nodiscard]] std::optional<Marker> ReadArrivedMarker(std::string_view key,
                                                      const HeaderViews& headers,
                                                      WallTime timestamp);

}  // namespace common
