#include "common/access/passing_fault.h"

#include <algorithm>
#include <array>
#include <string>

#include "common/base/text.h"

namespace common::access {

bool MayPass(std::string_view words) {
  constexpr std::array<std::string_view, 12> kSigns = {
      "connection reset",  "broken pipe", "empty reply",       "unexpected eof",
      "ssl_error_syscall", "timed out",   "transport failure", "disconnected",
      "transfer closed",   "timeout",     "connection closed", "handle destroyed"};
  const std::string text = ToLowerAscii(std::string(words));
  return std::ranges::any_of(
      kSigns, [&](std::string_view sign) { return text.find(sign) != std::string::npos; });
}

}  // namespace common::access
