#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/domain/ids.h"

namespace common::json {

/// What Sluice reads from the body of a callback; the rest of it is nobody's business.
struct CallbackBody {
  std::optional<DossierId> dossier;   ///< Normalised, never empty.
  std::optional<ProcessId> process;   ///< Normalised, never empty; found whatever dossierId is.
  std::optional<std::string> status;  ///< Byte for byte. Absent, or not a string: none.

  /// An unreadable callback is kept and dead-lettered as `malformed`.
  [[nodiscard]] bool IsReadable() const { return dossier && process; }
};

/// The one reader of callback bodies, so that key and identity never disagree.
///
/// Only the fields of the outermost object count, the last occurrence of a name decides, other
/// fields are ignored. All three are absent unless the whole body is one JSON object in UTF-8 (a
/// byte order mark in front is skipped). Numbers of any size and nesting of any depth are JSON.
[[nodiscard]] CallbackBody ReadCallbackBody(std::string_view body);

}  // namespace common::json
