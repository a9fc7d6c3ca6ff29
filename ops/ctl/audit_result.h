#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace ctl {

/// Where a callback stands on `callbacks`.
struct CallbackPosition {
  std::int32_t partition = 0;
  std::int64_t offset = 0;
  friend bool operator==(const CallbackPosition&, const CallbackPosition&) = default;
};

/// The callback that the value of a record on `processes` names: {…,"callback":{…,"partition":3,
/// "offset":17},…}. Reads no further than that, since what comes after it is the long part. None if
/// there is no such name.
[[nodiscard]] std::optional<CallbackPosition> ReadResultPosition(std::string_view value);

/// "callbacks-3-17", as the header `redrive` names a record.
[[nodiscard]] std::optional<CallbackPosition> ReadRedriveName(std::string_view name,
                                                              std::string_view topic);

}  // namespace ctl
