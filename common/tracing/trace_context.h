#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <string_view>

namespace common::tracing {

/// Bytes that name a trace or a span. All zero: none.
template <std::size_t kSize>
struct TraceBytes {
  std::array<std::uint8_t, kSize> bytes{};

  [[nodiscard]] bool is_empty() const { return *this == TraceBytes(); }
  /// Lower-case hex digits.
  [[nodiscard]] std::string ToHex() const {
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string text;
    text.reserve(2 * kSize);
    for (const unsigned byte : bytes) {
      text += kDigits[byte >> 4U];
      text += kDigits[byte & 0xFU];
    }
    return text;
  }
  friend bool operator==(const TraceBytes&, const TraceBytes&) = default;
};
using TraceId = TraceBytes<16>;
using SpanId = TraceBytes<8>;

/// Names a span to the next service (W3C Trace Context).
struct TraceContext {
  TraceId trace;
  SpanId span;
  bool is_sampled = false;
  friend bool operator==(const TraceContext&, const TraceContext&) = default;
};

/// None: not valid, see common::IsValidTraceparent(). Of a later version only the fields of version
/// 00 are read.
[[nodiscard]] std::optional<TraceContext> ParseTraceparent(std::string_view text);
/// In version 00, the only one that is written.
[[nodiscard]] std::string FormatTraceparent(const TraceContext& context);

/// True for a list of 1 to 32 members with keys and values of W3C Trace Context, each key once, of
/// at most 512 bytes in all.
[[nodiscard]] bool IsValidTracestate(std::string_view text);

/// Makes ids whose bits are all random, as the sampler needs them.
///
/// Threads: confined to one, or guarded.
class TraceIds {
 public:
  explicit TraceIds(std::uint64_t seed) : engine_(seed) {}

  [[nodiscard]] TraceId NewTrace();
  [[nodiscard]] SpanId NewSpan();

 private:
  std::mt19937_64 engine_;
};

/// Seeds TraceIds differently in each run.
[[nodiscard]] std::uint64_t RandomSeed();

}  // namespace common::tracing
