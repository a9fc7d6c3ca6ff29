#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/base/text.h"
#include "common/http/message.h"

namespace ingest {

/// The field's value; none also if it is there more than once, since nobody knows which one counts.
[[nodiscard]] inline std::optional<std::string_view> OnlyValueOf(
    std::string_view name, const common::http::RequestHead& head) {
  return head.Count(name) == 1 ? head.Find(name) : std::nullopt;
}

/// The values of all fields of that name as one list (RFC 9110, 5.3).
[[nodiscard]] inline std::string ListOf(std::string_view name,
                                        const common::http::RequestHead& head) {
  std::string list;
  for (const common::http::Field& field : head.fields) {
    if (!common::EqualsIgnoringCase(field.name, name)) continue;
    if (!list.empty()) list += ',';
    list += field.value;
  }
  return list;
}

}  // namespace ingest
