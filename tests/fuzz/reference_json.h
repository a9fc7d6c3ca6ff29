#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fuzz {

/// A JSON value, names in their order, numbers as they are written.
struct JsonValue {
  enum class Kind { kLiteral, kNumber, kText, kArray, kObject };

  Kind kind = Kind::kLiteral;
  std::string text{};                ///< Of a number or text, or "null", "true", "false".
  std::vector<std::string> names{};  ///< Of an object's members.
  std::vector<JsonValue> items{};    ///< Of an object or array.

  friend bool operator==(const JsonValue&, const JsonValue&) = default;
};

enum class Validity {
  kValid,
  kInvalid,
  kUndecided,  ///< Of a form that RapidJSON refuses although it is JSON.
};

struct Reference {
  Validity validity = Validity::kInvalid;
  JsonValue value;  ///< If valid.
};

/// What RapidJSON's reader makes of a text by itself. A byte order mark is skipped.
[[nodiscard]] Reference ReadReference(std::string_view json);

}  // namespace fuzz
