#pragma once

#include <string>
#include <string_view>

#include "common/domain/tagged.h"

namespace common {

using DossierId = Tagged<struct DossierIdTag>;
using ProcessId = Tagged<struct ProcessIdTag>;
using EventId = Tagged<struct EventIdTag>;  ///< Given by the sender of an event.

/// The canonical form of an id for keys, identities, fetches and results: trims ASCII white space
/// and lower-cases a UUID (8-4-4-4-12 hex digits). Ids need not be UUIDs.
[[nodiscard]] std::string NormalizeId(std::string id);

}  // namespace common
