#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "common/tracing/trace_context.h"

namespace common::tracing {

using SpanTime = std::chrono::sys_time<std::chrono::nanoseconds>;

/// The numbers are those of OTLP (opentelemetry/proto/trace/v1/trace.proto).
enum class SpanKind : std::uint8_t {
  kInternal = 1,
  kServer = 2,
  kClient = 3,
  kProducer = 4,
  kConsumer = 5
};
enum class SpanStatus : std::uint8_t { kUnset = 0, kError = 2 };

using AttributeValue = std::variant<std::string, std::int64_t, bool>;
/// The name is a literal. The value is never a body, a secret or a query string; a text that others
/// chose is added with AddText().
using Attribute = std::pair<std::string_view, AttributeValue>;

/// A span that has ended.
struct Span {
  TraceContext context;       ///< Its own.
  SpanId parent;              ///< Empty: it is the root.
  std::string trace_state{};  ///< The sender's, unchanged.
  std::string name{};
  SpanKind kind = SpanKind::kInternal;
  SpanTime start{};
  SpanTime end{};
  SpanStatus status = SpanStatus::kUnset;
  std::vector<Attribute> attributes{};
};

/// The longest text of an attribute, in bytes: a sender's id may be as long as a body.
inline constexpr std::size_t kMostText = 256;
/// At most kMostText bytes of `text`, without a part of a UTF-8 character at the end.
[[nodiscard]] std::string_view CutText(std::string_view text);
/// Adds `value`, cut to kMostText, unless it is empty.
void AddText(Span& span, std::string_view name, std::string_view value);

/// The bytes that a span takes in memory, about; in JSON, about as many.
[[nodiscard]] std::size_t SizeOf(const Span& span);

/// Takes spans that have ended.
///
/// Threads: any.
/// Time:    never blocks; drops and counts spans for which it has no room.
class SpanSink {
 public:
  virtual ~SpanSink() = default;
  /// `spans` belong together, such as those of a callback: all are taken, or none is.
  virtual void Offer(std::vector<Span> spans) = 0;
};

}  // namespace common::tracing
