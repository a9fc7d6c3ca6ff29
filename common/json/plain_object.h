#pragma once

#include <string_view>
#include <vector>

#include "common/json/fields.h"

namespace common::json {

// plain-object := "{" [ string ":" value { "," string ":" value } ] "}"    ; white space in between
// value        := string | "true" | "false" | "null"
// string       := '"' { ASCII from ' ' to '~' but '"' and '\' } '"'

/// Nearly every callback is a plain object, and its fields can be had without a parser. False: it
/// is something else, JSON or not, and the fields are as they were.
[[nodiscard]] bool ReadPlainFields(std::string_view json, std::vector<Field>& fields);

}  // namespace common::json
