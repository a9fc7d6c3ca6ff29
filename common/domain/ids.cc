#include "common/domain/ids.h"

#include <algorithm>

#include "common/base/text.h"

namespace common {
namespace {

bool HasFormOfUuid(std::string_view id) {
  constexpr std::string_view kForm = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
  constexpr std::string_view kHexDigits = "0123456789abcdefABCDEF";
  return std::equal(id.begin(), id.end(), kForm.begin(), kForm.end(), [&](char c, char form) {
    return form == '-' ? c == '-' : kHexDigits.find(c) != std::string_view::npos;
  });
}

}  // namespace

std::string NormalizeId(std::string_view id) {
  const std::string_view trimmed = TrimAscii(id);
  return HasFormOfUuid(trimmed) ? ToLowerAscii(trimmed) : std::string(trimmed);
}

}  // namespace common
