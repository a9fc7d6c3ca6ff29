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
//   timestamp := the source record's    ; so the topic is CreateTime
//   partition := the source record's

/// How a callback was disposed of.
enum class Outcome { kPublished, kDead };

/// As in the header `outcome`, and as a metric label.
[[nodiscard]] std::string_view ToText(Outcome outcome);

/// The key of a marker is `identity.view()`, its value the empty text.
[[nodiscard]] common::RecordHeaders MarkerHeaders(Outcome outcome);

struct Marker {
  common::Identity identity;
  common::WallTime record_time{};
  std::optional<Outcome> outcome;  ///< None: absent, or a name that this version does not know.
};

/// None if the key is no identity. The outcome is for audits only: whatever it is, the identity has
/// been disposed of.
[[nodiscard]] std::optional<Marker> ReadMarker(std::string_view key,
                                               const common::RecordHeaders& headers,
                                               common::WallTime timestamp);

}  // namespace consumer
