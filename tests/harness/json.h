#pragma once

#include <rapidjson/document.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace tests {

/// Throws with the text if it is no JSON object.
[[nodiscard]] rapidjson::Document ParseJson(std::string_view text);

/// Member `name`, a whole number. Throws if there is none.
[[nodiscard]] std::int64_t NumberIn(const rapidjson::Value& object, const char* name);

/// Member `name`, a text; otherwise "(no NAME)".
[[nodiscard]] std::string TextIn(const rapidjson::Value& object, const char* name);

}  // namespace tests
