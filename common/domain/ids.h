#pragma once

#include <string>
#include <string_view>

#include "common/domain/tagged.h"

namespace common {

using DossierId = Tagged<struct DossierIdTag>;
using ProcessId = Tagged<struct ProcessIdTag>;

/// The one form in which an id is used for keys, identities, fetches and results: without
/// surrounding ASCII white space and, where it has the form of a UUID (8-4-4-4-12 hex digits),
/// lower-cased. Ids need not be UUIDs.
[[nodiscard]] std::string NormalizeId(std::string id);

}  // namespace common
