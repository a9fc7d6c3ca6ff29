#include "consumer/http/content_coding.h"

#include <algorithm>
#include <array>

#include "common/base/text.h"

namespace consumer {
namespace {

constexpr std::array<std::string_view, 12> kCodings = {
    "aes128gcm", "br",   "compress",     "dcb",        "dcz",    "deflate",
    "exi",       "gzip", "pack200-gzip", "x-compress", "x-gzip", "zstd"};

bool IsCoding(std::string_view name) {
  return std::any_of(kCodings.begin(), kCodings.end(), [name](std::string_view coding) {
    return common::EqualsIgnoringCase(name, coding);
  });
}

}  // namespace

bool NamesNoCoding(std::string_view codings) {
  while (!codings.empty()) {
    const std::size_t comma = std::min(codings.find(','), codings.size());
    if (IsCoding(common::TrimAscii(codings.substr(0, comma)))) return false;
    codings.remove_prefix(std::min(comma + 1, codings.size()));
  }
  return true;
}

}  // namespace consumer
