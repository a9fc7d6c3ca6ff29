#pragma once

#include <optional>
#include <string_view>

#include "common/http/message.h"

namespace ingest {

/// The field's value; none also if it is there more than once, since nobody knows which one counts.
[[nodiscard]] inline std::optional<std::string_view> OnlyValueOf(
    std::string_view name, const common::http::RequestHead& head) {
  return head.Count(name) == 1 ? head.Find(name) : std::nullopt;
}

}  // namespace ingest
