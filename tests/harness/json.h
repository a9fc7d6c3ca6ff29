#pragma once

#include <rapidjson/document.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace tests {

/// Throws, quoting the text, if it is not a JSON object.
[[nodiscard]] rapidjson::Document ParseJson(std::string_view text);

/// The integer member `name`. Throws if it is missing.
[[nodiscard]] std::int64_t NumberIn(const rapidjson::Value& object, const char* name);

/// The string member `name`, or "(no NAME)".
[[nodiscard]] std::string TextIn(const rapidjson::Value& object, const char* name);

}  // namespace tests
