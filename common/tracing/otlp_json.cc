#include "common/tracing/otlp_json.h"

#include <rapidjson/document.h>
#include <rapidjson/writer.h>

#include <algorithm>
#include <string>
#include <variant>

#include "common/base/number.h"
#include "common/base/utf8.h"

namespace common::tracing {
namespace {

/// RapidJSON's own buffer writes through a null pointer if there is no memory; this one throws.
struct TextStream {
  using Ch = char;
  std::string& text;

  void Put(char c) { text.push_back(c); }
  void Flush() {}
};
using Writer = rapidjson::Writer<TextStream>;

void Text(Writer& writer, std::string_view text) {
  writer.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
}

void Member(Writer& writer, std::string_view name, std::string_view value) {
  Text(writer, name);
  Text(writer, value);
}

void Time(Writer& writer, std::string_view name, SpanTime time) {
  Member(writer, name, std::to_string(time.time_since_epoch().count()));
}

bool IsUtf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = Utf8Length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

struct ValueWriter {
  Writer& writer;

  void operator()(const std::string& text) const {
    // Attributes may hold what a sender wrote. One invalid byte would cost the whole batch.
    Member(writer, "stringValue", IsUtf8(text) ? std::string_view(text) : "(not UTF-8)");
  }
  void operator()(std::int64_t number) const { Member(writer, "intValue", std::to_string(number)); }
  void operator()(bool value) const {
    Text(writer, "boolValue");
    writer.Bool(value);
  }
};

void WriteAttribute(Writer& writer, std::string_view name, const AttributeValue& value) {
  writer.StartObject();
  Member(writer, "key", name);
  Text(writer, "value");
  writer.StartObject();
  std::visit(ValueWriter{writer}, value);
  writer.EndObject();
  writer.EndObject();
}

template <typename Attributes>
void WriteAttributes(Writer& writer, const Attributes& attributes) {
  Text(writer, "attributes");
  writer.StartArray();
  for (const auto& [name, value] : attributes) WriteAttribute(writer, name, value);
  writer.EndArray();
}

void WriteSpan(Writer& writer, const Span& span) {
  constexpr unsigned kSampled = 1;
  writer.StartObject();
  Member(writer, "traceId", span.context.trace.ToHex());
  Member(writer, "spanId", span.context.span.ToHex());
  if (!span.trace_state.empty()) Member(writer, "traceState", span.trace_state);
  if (!span.parent.is_empty()) Member(writer, "parentSpanId", span.parent.ToHex());
  Text(writer, "flags");
  writer.Uint(span.context.is_sampled ? kSampled : 0);
  Member(writer, "name", span.name);
  Text(writer, "kind");
  writer.Uint(static_cast<unsigned>(span.kind));
  Time(writer, "startTimeUnixNano", span.start);
  Time(writer, "endTimeUnixNano", std::max(span.start, span.end));
  WriteAttributes(writer, span.attributes);
  if (span.status != SpanStatus::kUnset) {
    Text(writer, "status");
    writer.StartObject();
    Text(writer, "code");
    writer.Uint(static_cast<unsigned>(span.status));
    writer.EndObject();
  }
  writer.EndObject();
}

/// The number of a JSON int64: a string by the specification, a number from liberal writers.
std::int64_t NumberIn(const rapidjson::Value& value) {
  if (value.IsInt64()) return value.GetInt64();
  if (!value.IsString()) return 0;
  return ParseNumber<std::int64_t>({value.GetString(), value.GetStringLength()}).value_or(0);
}

}  // namespace

std::string EncodeOtlp(const Resource& resource, std::span<const Span> spans) {
  std::string json;
  TextStream stream{json};
  Writer writer(stream);
  writer.StartObject();
  Text(writer, "resourceSpans");
  writer.StartArray();
  writer.StartObject();
  Text(writer, "resource");
  writer.StartObject();
  WriteAttributes(writer, resource);
  writer.EndObject();
  Text(writer, "scopeSpans");
  writer.StartArray();
  writer.StartObject();
  Text(writer, "scope");
  writer.StartObject();
  Member(writer, "name", "sluice");
  writer.EndObject();
  Text(writer, "spans");
  writer.StartArray();
  for (const Span& span : spans) WriteSpan(writer, span);
  writer.EndArray();
  writer.EndObject();
  writer.EndArray();
  writer.EndObject();
  writer.EndArray();
  writer.EndObject();
  return json;
}

PartialSuccess ReadPartialSuccess(std::string_view json) {
  rapidjson::Document document;
  document.Parse<rapidjson::kParseIterativeFlag>(json.data(), json.size());
  if (document.HasParseError() || !document.IsObject()) return {};
  const auto partial = document.FindMember("partialSuccess");
  if (document.MemberEnd() == partial || !partial->value.IsObject()) return {};
  PartialSuccess read;
  const auto rejected = partial->value.FindMember("rejectedSpans");
  if (partial->value.MemberEnd() != rejected) {
    read.rejected = std::max<std::int64_t>(0, NumberIn(rejected->value));
  }
  const auto why = partial->value.FindMember("errorMessage");
  if (partial->value.MemberEnd() != why && why->value.IsString()) {
    read.why.assign(why->value.GetString(), why->value.GetStringLength());
  }
  return read;
}

}  // namespace common::tracing
