#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/tracing/span.h"

namespace common::tracing {

/// The attributes of the program that made the spans: `service.name` and more, in order.
using Resource = std::vector<std::pair<std::string, std::string>>;

/// An ExportTraceServiceRequest in OTLP's JSON: ids as hex digits, 64-bit integers as strings,
/// enums as numbers, names in lowerCamelCase (opentelemetry.io/docs/specs/otlp, "JSON Protobuf
/// Encoding").
[[nodiscard]] std::string EncodeOtlp(const Resource& resource, std::span<const Span> spans);

/// `partialSuccess` of an ExportTraceServiceResponse.
struct PartialSuccess {
  std::int64_t rejected = 0;
  std::string why{};  ///< For people. May be set although nothing was rejected: a warning.
  friend bool operator==(const PartialSuccess&, const PartialSuccess&) = default;
};
/// Returns complete success for any other text: the HTTP status has said so.
[[nodiscard]] PartialSuccess ReadPartialSuccess(std::string_view json);

}  // namespace common::tracing
