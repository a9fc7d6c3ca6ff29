#include "common/tracing/trace_context.h"

#include <algorithm>
#include <set>

#include "common/base/text.h"
#include "common/domain/callback_record.h"

namespace common::tracing {
namespace {

constexpr unsigned kSampled = 1;
constexpr std::size_t kMaxTracestate = 512;
constexpr std::size_t kMostMembers = 32;
constexpr std::size_t kMaxPart = 256;  ///< Of a key or a value.

/// Precondition: `hex` is valid.
template <typename Id>
Id FromHex(std::string_view hex) {
  Id id;
  const std::string bytes = *DecodeHex(hex);
  std::ranges::copy(bytes, id.bytes.begin());
  return id;
}

template <std::size_t kSize>
TraceBytes<kSize> NewBytes(std::mt19937_64& engine) {
  TraceBytes<kSize> id;
  while (id.is_empty()) {
    for (std::size_t i = 0; i < kSize; i += sizeof(std::uint64_t)) {
      std::uint64_t word = engine();
      for (std::size_t j = 0; j < sizeof word; ++j, word >>= 8U) {
        id.bytes[i + j] = static_cast<std::uint8_t>(word);
      }
    }
  }
  return id;
}

bool IsLower(char c) { return c >= 'a' && c <= 'z'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }

/// key := ( lcalpha | digit ) *255( lcalpha | digit | "_" | "-" | "*" | "/" | "@" ), by Trace
/// Context level 2, which allows the keys of level 1 and more.
bool IsKey(std::string_view key) {
  constexpr std::string_view kOther = "_-*/@";
  if (key.empty() || key.size() > kMaxPart) return false;
  if (!IsLower(key.front()) && !IsDigit(key.front())) return false;
  return std::ranges::all_of(key, [&](char c) {
    return IsLower(c) || IsDigit(c) || kOther.find(c) != std::string_view::npos;
  });
}

/// value := 0*255(chr) nblkchr; printable ASCII without "," and "=", not ending in a space.
bool IsValue(std::string_view value) {
  if (value.empty() || value.size() > kMaxPart || value.back() == ' ') return false;
  return std::ranges::all_of(value,
                             [](char c) { return c >= ' ' && c <= '~' && c != ',' && c != '='; });
}

std::string_view TrimBlanks(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

}  // namespace

std::optional<TraceContext> ParseTraceparent(std::string_view text) {
  if (!IsValidTraceparent(text)) return std::nullopt;
  const auto flags = static_cast<unsigned char>(DecodeHex(text.substr(53, 2))->front());
  return TraceContext{.trace = FromHex<TraceId>(text.substr(3, 32)),
                      .span = FromHex<SpanId>(text.substr(36, 16)),
                      .is_sampled = (flags & kSampled) != 0};
}

std::string FormatTraceparent(const TraceContext& context) {
  std::string text = "00-";
  text.append(context.trace.ToHex()).append("-").append(context.span.ToHex());
  return text.append(context.is_sampled ? "-01" : "-00");
}

bool IsValidTracestate(std::string_view text) {
  if (text.size() > kMaxTracestate) return false;
  std::set<std::string_view> keys;
  while (true) {
    const std::size_t comma = std::min(text.find(','), text.size());
    const std::string_view member = TrimBlanks(text.substr(0, comma));
    if (!member.empty()) {  // An empty member is allowed, and counts for nothing.
      const std::size_t equals = std::min(member.find('='), member.size());
      if (equals == member.size()) return false;
      const std::string_view key = member.substr(0, equals);
      if (!IsKey(key) || !IsValue(member.substr(equals + 1))) return false;
      if (!keys.insert(key).second || keys.size() > kMostMembers) return false;
    }
    if (comma == text.size()) return !keys.empty();
    text.remove_prefix(comma + 1);
  }
}

TraceId TraceIds::NewTrace() { return NewBytes<16>(engine_); }
SpanId TraceIds::NewSpan() { return NewBytes<8>(engine_); }

std::uint64_t RandomSeed() {
  std::random_device device;
  return (std::uint64_t{device()} << 32U) | device();
}

}  // namespace common::tracing
