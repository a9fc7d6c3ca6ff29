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
//                ["record-time" RFC 3339]     ; absent: equal to the timestamp
//   timestamp := the record time              ; so the topic is CreateTime. Another time, with the
//                                             ; header, if brokers would refuse the record time
//   partition := the source record's

/// The outcome of a callback.
enum class Outcome { kPublished, kDead };

/// The value of the header `outcome`, and a metric label.
[[nodiscard]] std::string_view ToText(Outcome outcome);

/// A marker's key is `identity.view()`, its value empty.
[[nodiscard]] common::RecordHeaders MarkerHeaders(Outcome outcome);

/// The Kafka timestamp of markers: the record time unless the brokers refuse it. Brokers refuse a
/// time more than an hour ahead of their own clock (Kafka 4), or older than the topic allows, and
/// with it all records of the request. A restore finds every marker whose timestamp is not earlier
/// than its callback's record time, or than the time at which it was written.
///
/// Threads: confined to one. Time: our own clock's time is an argument.
class MarkerClock {
 public:
  [[nodiscard]] common::WallTime TimestampOf(common::WallTime record_time,
                                             common::WallTime now) const;
  /// The brokers refused such a time: uses earlier ones from now on. False if there is no earlier
  /// one to try.
  [[nodiscard]] bool GoBack();

 private:
  int steps_ = 0;
};

struct Marker {
  common::Identity identity;
  common::WallTime record_time{};  ///< Of its callback: RecordTimes::marked_at.
  std::optional<Outcome> outcome;  ///< None: absent, or unknown to this version.
};

/// None if the key is not an identity. The outcome is for audits only: any marker means that the
/// identity has been handled.
[[nodiscard]] std::optional<Marker> ReadMarker(std::string_view key,
                                               const common::RecordHeaders& headers,
                                               common::WallTime timestamp);
/// The same for a record that the client still holds.
[[nodiscard]] std::optional<Marker> ReadArrivedMarker(std::string_view key,
                                                      const common::HeaderViews& headers,
                                                      common::WallTime timestamp);

}  // namespace consumer
