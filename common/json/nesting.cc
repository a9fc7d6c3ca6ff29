#include "common/json/nesting.h"

#include <algorithm>

namespace common::json {
namespace {

/// The offset of the closing quote of the string that begins at `quote`.
std::size_t EndOfString(std::string_view json, std::size_t quote) {
  std::size_t at = quote + 1;
  while (at < json.size() && json[at] != '"') at += json[at] == '\\' ? 2 : 1;
  return at;
}

}  // namespace

bool IsNestedDeeper(std::string_view json, std::size_t depth) {
  const auto opening =
      std::count(json.begin(), json.end(), '{') + std::count(json.begin(), json.end(), '[');
  if (static_cast<std::size_t>(opening) <= depth) return false;
  std::size_t open = 0;
  for (std::size_t at = 0; at < json.size(); ++at) {
    switch (json[at]) {
      case '"':
        at = EndOfString(json, at);
        break;
      case '{':
      case '[':
        if (++open > depth) return true;
        break;
      case '}':
      case ']':
        --open;
        break;
      default:
        break;
    }
  }
  return false;
}

}  // namespace common::json
