#pragma once

#include <rapidjson/reader.h>

#include "common/json/source.h"

namespace common::json {

using TextSize = rapidjson::SizeType;

/// Reads the whole text, without recursion. False if it is not one JSON value in UTF-8, or the
/// handler has returned false.
template <typename Handler>
[[nodiscard]] bool ReadAll(Source& source, Handler& handler) {
  constexpr unsigned kFlags =
      rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag;
  rapidjson::Reader reader;
  return !reader.Parse<kFlags>(source, handler).IsError() && source.IsAtEnd();
}

}  // namespace common::json
