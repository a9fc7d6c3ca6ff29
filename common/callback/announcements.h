#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "common/domain/expected_process.h"
#include "common/domain/provider_rules.h"

namespace common {

/// The first line that keeps a body from being stored.
struct LineMistake {
  std::size_t line = 0;    ///< From 1, empty lines included.
  std::string what;        ///< A clause for the sender.
  bool is_excess = false;  ///< Nothing is wrong but the number of announcements.
};

using Announcements = std::vector<ExpectedProcess>;

// body := announcement             ; may span lines
//       | *( [announcement] LF )   ; NDJSON; the last LF may be missing, CR before it is white space
// announcement: see common/json/expected_process.h

/// Reads a body of 1 to `most` announcements, or nothing of it. Their providers are
/// names of rows.
[[nodiscard]] std::variant<Announcements, LineMistake> ReadAnnouncements(
    std::string_view body, const ProviderTable& providers, std::size_t most);

}  // namespace common
