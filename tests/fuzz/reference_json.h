#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fuzz {

/// A JSON value. Keeps the order of names and the spelling of numbers.
struct JsonValue {
  enum class Kind { kLiteral, kNumber, kText, kArray, kObject };

  Kind kind = Kind::kLiteral;
  std::string text{};                ///< A number, a string, or "null", "true", "false".
  std::vector<std::string> names{};  ///< Names of an object's members.
  std::vector<JsonValue> items{};    ///< Items of an object or array.

  friend bool operator==(const JsonValue&, const JsonValue&) = default;
};

enum class Validity {
  kValid,
  kInvalid,
  kUndecided,  ///< JSON in a form that RapidJSON refuses.
};

struct Reference {
  Validity validity = Validity::kInvalid;
  JsonValue value;  ///< If valid.
};

/// Parses a text with RapidJSON's reader alone. Skips a byte order mark.
[[nodiscard]] Reference ReadReference(std::string_view json);

}  // namespace fuzz
