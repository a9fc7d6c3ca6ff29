#pragma once

#include <rapidjson/reader.h>

#include "common/json/source.h"

namespace common::json {

using TextSize = rapidjson::SizeType;

/// Parses the whole text without recursion. False if the text is not one JSON value in UTF-8 or the
/// handler returned false.
template <typename Handler>
[[nodiscard]] bool ReadAll(Source& source, Handler& handler) {
  constexpr unsigned kFlags =
      rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag;
  rapidjson::Reader reader;
  return !reader.Parse<kFlags>(source, handler).IsError() && source.IsAtEnd();
}

}  // namespace common::json
