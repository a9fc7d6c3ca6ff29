#include "common/config/expand.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>

namespace common::config {
namespace {

bool IsName(std::string_view text) {
  const auto is_letter = [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
  };
  return !text.empty() && is_letter(text.front()) &&
         std::all_of(text.begin(), text.end(),
                     [&](char c) { return is_letter(c) || (c >= '0' && c <= '9'); });
}

}  // namespace

Environment ProcessEnvironment() {
  return [](const std::string& name) -> std::optional<std::string> {
    // NOLINTNEXTLINE(concurrency-mt-unsafe): no thread sets variables.
    const char* const value = std::getenv(name.c_str());
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
  };
}

std::string HostName() {
  std::array<char, 256> name{};  // POSIX: at most 255 bytes; the last one stays zero.
  if (::gethostname(name.data(), name.size() - 1) != 0) return {};
  return name.data();
}

std::variant<std::string, NotExpanded> Expand(std::string_view text,
                                              const Environment& environment) {
  constexpr std::string_view kOpen = "${";
  std::string expanded;
  while (!text.empty()) {
    const std::size_t open = text.find(kOpen);
    if (open == std::string_view::npos) break;
    if (open > 0 && text[open - 1] == '$') {
      expanded.append(text.substr(0, open - 1)).append(kOpen);
      text.remove_prefix(open + kOpen.size());
      continue;
    }
    const std::size_t close = text.find('}', open);
    const std::string name(
        text.substr(open + kOpen.size(), close == std::string_view::npos ? 0 : close - open - 2));
    if (!IsName(name)) return NotExpanded{"`${` must be followed by a variable's name and `}`"};
    const std::optional<std::string> value = environment(name);
    if (!value) return NotExpanded{"the environment variable " + name + " is not set"};
    expanded.append(text.substr(0, open)).append(*value);
    text.remove_prefix(close + 1);
  }
  return expanded.append(text);
}

}  // namespace common::config
