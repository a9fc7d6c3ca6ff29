#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/domain/identity.h"
#include "common/domain/provider_rules.h"
#include "ops/ctl/records/record_position.h"

namespace ctl {

/// The callback or event that a record on `processes` names.
struct ResultName {
  /// In the life of the log from which the consumer read the callback. None: the result is
  /// reconciled, so it has no callback.
  std::optional<common::RecordPosition> place;
  std::optional<common::Identity> fact;  ///< None: of an event that is published and has no id.
  std::string provider = {};             ///< As written, like the next three.
  std::optional<std::string> dossier = {};
  std::optional<std::string> process = {};
  std::optional<std::string> status = {};
};

/// {"provider":…,"dossierId":…,"processId":…,"status":…,"callback":{…,"partition":3,"offset":17},…},
/// or that of an event that is published, with "eventId" before "callback"; "callback":null if it
/// is reconciled. Reads no further than `callback`, since the long part follows. None if another
/// field than `status`, `eventId`, and beside it the ids, is missing.
[[nodiscard]] std::optional<ResultName> ReadResultName(std::string_view value,
                                                       const common::ProviderTable& providers);

/// Parses "callbacks-3-17", the form in which the header `redrive` names a record.
[[nodiscard]] std::optional<common::RecordPosition> ReadRedriveName(std::string_view name,
                                                                    std::string_view topic);

}  // namespace ctl
