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

/// The contents of a record of `callbacks`.
struct CallbackFacts {
  ProviderTable::Index row = ProviderTable::kUnknown;
  std::string provider;  ///< The header's value, part of the identity; `unknown` if absent.
  /// False: dead letter `malformed`. The next four fields are then empty.
  bool is_readable = false;
  DossierId dossier;  ///< Normalised.
  ProcessId process;  ///< Normalised.
  std::optional<std::string> status;
  bool is_final = true;      ///< IsFinalStatus(status).
  bool is_redriven = false;  ///< A redriven dead letter.
  /// It came through ingest's spool: another copy of it may be on the topic.
  bool is_spooled = false;
  Identity identity;
  std::optional<WallTime> received_at;  ///< None: no header, or not an RFC 3339 time.
};

[[nodiscard]] CallbackFacts ReadCallback(std::string_view value, const RecordHeaders& headers,
                                         const ProviderTable& providers);
/// The same for a record that the client still holds.
[[nodiscard]] CallbackFacts ReadArrived(std::string_view value, const HeaderViews& headers,
                                        const ProviderTable& providers);

}  // namespace common
