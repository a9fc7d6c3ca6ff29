#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/json_pointer.h"
#include "common/json/fields.h"

namespace common::json {

/// The value at a pointer. Lifetime: a view of the pointer.
struct PointedField {
  const JsonPointer* pointer = nullptr;  ///< Empty: nothing is read.
  Field::Kind kind = Field::Kind::kAbsent;
  std::string value{};               ///< The text, or the number as written.
  std::vector<std::string> texts{};  ///< Of an array (kOther): its elements that are texts.

  friend bool operator==(const PointedField&, const PointedField&) = default;
};

/// Fills in the fields. The last occurrence of a name wins, on every step of a pointer. False, with
/// the fields in any state, unless `json` is one JSON object in UTF-8. Decodes an unpaired
/// surrogate escape as U+FFFD.
[[nodiscard]] bool ReadPointedFields(std::string_view json, std::span<PointedField> fields);

/// The two ways of ReadPointedFields(), for the tests: they agree on all that simdjson accepts. The
/// fast one returns false, and leaves the fields in any state, if the text needs the slow one: see
/// ReadSimdFields().
[[nodiscard]] bool ReadPointedFieldsSlowly(std::string_view json, std::span<PointedField> fields);
[[nodiscard]] bool ReadSimdPointedFields(std::string_view json, std::span<PointedField> fields);

}  // namespace common::json
