#pragma once

#include <optional>
#include <string_view>

#include "common/domain/identity.h"
#include "ops/ctl/records/record_position.h"

namespace ctl {

/// The callback that a record on `processes` names.
struct ResultName {
  common::RecordPosition
      place;  ///< In the life of the log from which the consumer read the callback.
  common::Identity fact;
};

/// {"provider":…,"dossierId":…,"processId":…,"status":…,"callback":{…,"partition":3,"offset":17},…}.
/// Reads no further than `callback`, since the long part follows. None if a field other than
/// `status` is missing.
[[nodiscard]] std::optional<ResultName> ReadResultName(std::string_view value);

/// Parses "callbacks-3-17", the form in which the header `redrive` names a record.
[[nodiscard]] std::optional<common::RecordPosition> ReadRedriveName(std::string_view name,
                                                                    std::string_view topic);

}  // namespace ctl
