#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/rfc3339.h"
#include "common/domain/ids.h"
#include "common/domain/record_headers.h"

namespace common {

// Record on the callbacks topic:
//   key     := processId                 ; normalised; one partition per process: redeliveries meet
//            | hex(SHA-256(body))        ; the body gives no processId of 1 to 256 bytes
//   value   := body                      ; exactly the bytes received
//   headers := "provider" name           ; the row's; for `unknown` the path as sent, ≤ 128 bytes
//              "received-at" rfc3339-ms  ; when the head of this delivery was read
//              "request-id" text         ; made by ingest, one per delivery
//              ["content-type" text]     ; as sent
//              ["traceparent" text]      ; as sent, if valid (W3C Trace Context)
//              ["spooled" "1"]           ; came through the spool
//              "schema" "1"

/// A callback as we keep it: one delivery of a provider, before it is a Kafka record.
struct Envelope {
  std::string key;
  std::string body;
  std::string provider;
  WallTime received_at{};
  std::string request_id;
  std::optional<std::string> content_type;
  std::optional<std::string> traceparent;
  bool spooled = false;
};

inline constexpr std::size_t kMostHeaders = 7;

/// Calls add(name, value) for each header of the grammar above, in its order, with views that are
/// valid during that call.
template <typename Add>
void ForEachHeader(const Envelope& envelope, Add add) {
  if (!envelope.provider.empty()) add(header::kProvider, envelope.provider);
  add(header::kReceivedAt, FormatRfc3339(envelope.received_at));
  add(header::kRequestId, envelope.request_id);
  if (envelope.content_type) add(header::kContentType, *envelope.content_type);
  if (envelope.traceparent) add(header::kTraceparent, *envelope.traceparent);
  if (envelope.spooled) add(header::kSpooled, "1");
  add(header::kSchema, kSchemaVersion);
}

/// All of them.
[[nodiscard]] RecordHeaders HeadersOf(const Envelope& envelope);

/// The key of a callback whose body names `process` (normalised), or does not.
[[nodiscard]] std::string CallbackKey(const std::optional<ProcessId>& process,
                                      std::string_view body);

/// True for a traceparent of W3C Trace Context: version-traceid-parentid-flags in lower-case hex,
/// ids not all zero, version not ff.
[[nodiscard]] bool IsValidTraceparent(std::string_view text);

}  // namespace common
