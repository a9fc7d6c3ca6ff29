#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/base/rfc3339.h"
#include "common/domain/identity.h"
#include "common/domain/ids.h"
#include "common/domain/provider_rules.h"
#include "common/domain/record_headers.h"

namespace common {

/// How consumer handles a record of `callbacks` that is not a duplicate.
enum class Handling {
  kFetch,    ///< Fetches the process and the dossier that it names.
  kPublish,  ///< Publishes the event itself.
  kIgnore,   ///< Marks the event as seen, and no more.
  kReject,   ///< Writes the dead letter `malformed`.
};

/// The contents of a record of `callbacks`: a callback, or an event (a row of `kind: events`).
struct CallbackFacts {
  ProviderTable::Index row = ProviderTable::kUnknown;
  std::string provider;  ///< The header's value, part of the identity; `unknown` if absent.
  Handling handling = Handling::kReject;
  bool is_readable = false;  ///< It names dossier and process.
  DossierId dossier;         ///< Normalised; empty if it names none.
  ProcessId process;         ///< The same.
  std::optional<std::string> status;
  bool is_final = true;      ///< IsFinalStatus(status).
  bool is_redriven = false;  ///< A redriven dead letter.
  /// It came through ingest's spool: another copy of it may be on the topic.
  bool is_spooled = false;
  /// Of the fact; of an event that is published or ignored: of the event.
  Identity identity;
  Identity original;  ///< `identity` without `redrive`.
  /// The event's own identity, where `identity` is the fact's: either makes it a duplicate, and
  /// both are marked. None in a redriven event whose first delivery has marked it.
  std::optional<Identity> event_identity;
  std::optional<EventId> event_id;
  std::optional<WallTime> expires_at;   ///< Of an event: its sender repeats it until then.
  std::optional<WallTime> received_at;  ///< None: no header, or not an RFC 3339 time.
};

[[nodiscard]] CallbackFacts ReadCallback(std::string_view value, const RecordHeaders& headers,
                                         const ProviderTable& providers);
/// The same for a record that the client still holds.
[[nodiscard]] CallbackFacts ReadArrived(std::string_view value, const HeaderViews& headers,
                                        const ProviderTable& providers);

}  // namespace common
