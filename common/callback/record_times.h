#pragma once

#include <chrono>

#include "common/base/rfc3339.h"
#include "common/callback/callback_facts.h"

namespace common {

// One delivery can be on `callbacks` more than once, hours apart: ingest misses the ack of a record
// that Kafka has written, and its spool writes the delivery again after the outage. All copies have
// the same received-at. A copy is judged by it, so that the length of the outage does not matter:
//
//                                       judged at                      marked at
//   spooled                             min(record time, received-at)  the same, at most a window ago
//   received a window ago or earlier    received-at                    record time
//   redriven, and all others            record time                    record time
//
// The second row is the copy that a frozen broker wrote late, after the spooled one. "A window ago"
// is early enough: a delivery that comes a window after received-at, and after the record, is a new
// fact. The limit also keeps the marker in reach of copies that come later still. A redriven record
// is a delivery of its own, by an operator, with the headers of the first one.

/// The times of a record of `callbacks` used for dedup.
struct RecordTimes {
  WallTime judged_at{};  ///< Duplicate = judged_at - a marker's time < window.
  WallTime marked_at{};  ///< Of its own marker, if it is not a duplicate.
  friend bool operator==(const RecordTimes&, const RecordTimes&) = default;
};

/// `window`: Windows::identity. `reach`: how far back markers are known; no time is earlier. Pure:
/// a record has the same times before and after a restart, and in an audit.
[[nodiscard]] RecordTimes TimesOf(const CallbackFacts& facts, WallTime record_time,
                                  std::chrono::seconds window, std::chrono::seconds reach);

/// How long a marker makes the record a duplicate: its row's window. The sender of an event that
/// has not expired at its record time may repeat it until then, so its own identity reaches as far
/// back as markers are known. Its fact does not: another event may report it again.
struct Windows {
  std::chrono::seconds identity{};  ///< For CallbackFacts::identity, whatever that identifies.
  std::chrono::seconds event{};     ///< For CallbackFacts::event_identity.
};
[[nodiscard]] Windows WindowsOf(const CallbackFacts& facts, WallTime record_time,
                                const ProviderTable& providers);

}  // namespace common
