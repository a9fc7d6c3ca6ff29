#include "common/domain/ids.h"

#include <array>
#include <cstddef>
#include <utility>

#include "common/base/text.h"

namespace common {
namespace {

constexpr std::array<bool, 256> kIsHexDigit = [] {
  std::array<bool, 256> is_digit{};
  for (const unsigned char c : std::string_view("0123456789abcdefABCDEF")) is_digit[c] = true;
  return is_digit;
}();

/// Does not branch on the digits: such branches are unpredictable.
bool HasFormOfUuid(std::string_view id) {
  constexpr std::string_view kForm = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
  if (id.size() != kForm.size()) return false;
  bool has_form = true;
  for (std::size_t i = 0; i < kForm.size(); ++i) {
    has_form &= kForm[i] == '-' ? id[i] == '-' : kIsHexDigit[static_cast<unsigned char>(id[i])];
  }
  return has_form;
}

}  // namespace

std::string NormalizeId(std::string id) {
  const std::string_view trimmed = TrimAscii(id);
  if (trimmed.size() != id.size()) id = std::string(trimmed);
  return HasFormOfUuid(id) ? ToLowerAscii(std::move(id)) : id;
}

}  // namespace common
