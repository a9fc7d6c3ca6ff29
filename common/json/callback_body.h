#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/domain/ids.h"

namespace common::json {

/// The fields that Sluice reads from a callback's body. It reads no other.
struct CallbackBody {
  std::optional<DossierId> dossier;   ///< Normalised, never empty.
  std::optional<ProcessId> process;   ///< Normalised, never empty; independent of dossierId.
  std::optional<std::string> status;  ///< Byte for byte. Empty if absent or not a string.

  /// Ingest stores unreadable callbacks too; consumer dead-letters them as `malformed`.
  [[nodiscard]] bool IsReadable() const { return dossier && process; }
};

/// The only reader of callback bodies, so that key and identity always agree.
///
/// Reads only the outermost object; the last occurrence of a name wins. All three fields are absent
/// unless the whole body is one JSON object in UTF-8 (a leading byte order mark is skipped).
/// Accepts numbers of any size and nesting of any depth.
[[nodiscard]] CallbackBody ReadCallbackBody(std::string_view body);

}  // namespace common::json
