#pragma once

#include <optional>
#include <string_view>

#include "common/domain/identity.h"
#include "ops/ctl/records/record_place.h"

namespace ctl {

/// What the value of a record on `processes` says of its callback.
struct ResultName {
  RecordPlace place;  ///< Where the callback stood, in the life of the log that it was read from.
  common::Identity fact;
};

/// {"provider":…,"dossierId":…,"processId":…,"status":…,"callback":{…,"partition":3,"offset":17},…}.
/// Reads no further than that, since what comes after it is the long part. None if one of these but
/// `status` is not there.
[[nodiscard]] std::optional<ResultName> ReadResultName(std::string_view value);

/// "callbacks-3-17", as the header `redrive` names a record.
[[nodiscard]] std::optional<RecordPlace> ReadRedriveName(std::string_view name,
                                                         std::string_view topic);

}  // namespace ctl
