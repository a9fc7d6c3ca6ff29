#pragma once

#include <optional>
#include <string_view>

#include "ops/ctl/record_place.h"

namespace ctl {

/// The callback that the value of a record on `processes` names: {…,"callback":{…,"partition":3,
/// "offset":17},…}. Reads no further than that, since what comes after it is the long part. None if
/// there is no such name.
[[nodiscard]] std::optional<RecordPlace> ReadResultPosition(std::string_view value);

/// "callbacks-3-17", as the header `redrive` names a record.
[[nodiscard]] std::optional<RecordPlace> ReadRedriveName(std::string_view name,
                                                         std::string_view topic);

}  // namespace ctl
