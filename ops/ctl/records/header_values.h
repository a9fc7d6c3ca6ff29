#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/number.h"
#include "common/domain/offset.h"
#include "common/domain/partition.h"
#include "common/domain/reconciled.h"
#include "common/domain/record_headers.h"

namespace ctl {

/// The value of the last header of that name.
[[nodiscard]] inline std::optional<std::string> TextOf(const common::RecordHeaders& headers,
                                                       std::string_view name) {
  const auto value = common::LastHeader(headers, name);
  return value ? std::optional<std::string>(*value) : std::nullopt;
}

/// The same as a number. None if it is not one.
[[nodiscard]] inline std::optional<std::int64_t> NumberOf(const common::RecordHeaders& headers,
                                                          std::string_view name) {
  return common::ParseNumber<std::int64_t>(common::LastHeader(headers, name).value_or(""));
}

/// The same as a partition and as an offset.
[[nodiscard]] inline std::optional<common::Partition> PartitionIn(
    const common::RecordHeaders& headers, std::string_view name) {
  const auto number =
      common::ParseNumber<std::int32_t>(common::LastHeader(headers, name).value_or(""));
  return number ? std::optional(common::Partition(*number)) : std::nullopt;
}
[[nodiscard]] inline std::optional<common::Offset> OffsetIn(const common::RecordHeaders& headers,
                                                            std::string_view name) {
  const auto number = NumberOf(headers, name);
  return number ? std::optional(common::Offset(*number)) : std::nullopt;
}

/// True on a result without a callback, and on its markers.
[[nodiscard]] inline bool IsReconciled(const common::RecordHeaders& headers) {
  return common::LastHeader(headers, common::kReconciledHeader) == common::kReconciledValue;
}

}  // namespace ctl
