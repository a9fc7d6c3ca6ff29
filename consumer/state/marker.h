#pragma once

#include <optional>
#include <string_view>

#include "common/base/rfc3339.h"
#include "common/domain/identity.h"
#include "common/domain/record_headers.h"

namespace consumer {

// Record on callbacks.seen:
//   key       := identity               ; 16 bytes
//   value     := ""                     ; zero bytes, not null: the topic is not compacted
//   headers   := "outcome" ( "published" | "dead" )
//                "instance" … "transaction" …         ; see transaction_numbers.h
//                ["record-time" RFC 3339]     ; absent: it is the timestamp
//   timestamp := the record time              ; so the topic is CreateTime. Another one, with the
//                                             ; header, where brokers would refuse it
//   partition := the source record's

/// How a callback was disposed of.
enum class Outcome { kPublished, kDead };

/// As in the header `outcome`, and as a metric label.
[[nodiscard]] std::string_view ToText(Outcome outcome);

/// The key of a marker is `identity.view()`, its value the empty text.
[[nodiscard]] common::RecordHeaders MarkerHeaders(Outcome outcome);

/// The Kafka timestamp of markers: the record time wherever the brokers take that. They refuse one
/// that is more than an hour ahead of their own clock (Kafka 4), or as old as the topic forbids,
/// and all records of the request with it. A restore finds every marker that is not earlier than
/// the record it belongs to, or than the time it was written at.
///
/// Threads: confined to one. Time: our own clock's is an argument.
class MarkerClock {
 public:
  [[nodiscard]] common::WallTime TimestampOf(common::WallTime record_time,
                                             common::WallTime now) const;
  /// The brokers have refused such a time: those from now on are earlier. False: there is no
  /// earlier one to try.
  [[nodiscard]] bool GoBack();

 private:
  int steps_ = 0;
};

struct Marker {
  common::Identity identity;
  common::WallTime record_time{};  ///< Of its source: RecordTimes::marked_at.
  std::optional<Outcome> outcome;  ///< None: absent, or a name that this version does not know.
};

/// None if the key is no identity. The outcome is for audits only: whatever it is, the identity has
/// been disposed of.
[[nodiscard]] std::optional<Marker> ReadMarker(std::string_view key,
                                               const common::RecordHeaders& headers,
                                               common::WallTime timestamp);
/// The same of a record that the client still holds.
[[nodiscard]] std::optional<Marker> ReadArrivedMarker(std::string_view key,
                                                      const common::HeaderViews& headers,
                                                      common::WallTime timestamp);

}  // namespace consumer
