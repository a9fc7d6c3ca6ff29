#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/base/rfc3339.h"
#include "common/domain/event_rules.h"
#include "common/domain/ids.h"

namespace common::json {

/// The fields of an event's body, at the pointers of its row. Sluice reads no others.
struct EventBody {
  bool is_object = false;           ///< False: nothing could be read.
  std::optional<EventId> id;        ///< Normalised, never empty; a number as written.
  std::optional<std::string> type;  ///< Byte for byte.
  std::optional<WallTime> expires_at;
  std::optional<DossierId> dossier;   ///< Normalised, never empty.
  std::optional<ProcessId> process;   ///< Normalised, never empty.
  std::optional<std::string> status;  ///< Byte for byte. Empty if absent or not a string.
  bool is_mock = false;               ///< A tag is `mock`: a test of the sender's.
};

/// The only reader of events, so that key and identity always agree. Reads as ReadCallbackBody()
/// does; the last occurrence of a name wins on every step of a pointer. The id of a row with
/// `id_header` is not in the body, but in the record's header `event-id`.
[[nodiscard]] EventBody ReadEventBody(std::string_view body, const EventExtract& extract);

/// The id of an event in the canonical form; nullopt if nothing is left.
[[nodiscard]] std::optional<EventId> EventIdOf(std::string text);

}  // namespace common::json
