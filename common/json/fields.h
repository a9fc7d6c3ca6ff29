#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace common::json {

/// One field of the outermost object.
struct Field {
  enum class Kind { kAbsent, kText, kNumber, kNull, kOther };

  std::string_view name;
  Kind kind = Kind::kAbsent;
  std::string value{};            ///< The text, or the number as written.
  bool is_contradictory = false;  ///< The name occurs more than once, with different values.

  void Set(Kind new_kind, std::string_view new_value);
};

/// Fills in the fields; the last occurrence of a name wins. False, with the fields in any state,
/// unless `json` is one JSON object in UTF-8. Decodes an unpaired surrogate escape as U+FFFD.
[[nodiscard]] bool ReadFields(std::string_view json, std::span<Field> fields);

}  // namespace common::json
