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
//            | event id                  ; of an event without processId
//            | hex(SHA-256(body))        ; if the body has no such id of 1 to 256 bytes
//   value   := body                      ; exactly the bytes received
//   headers := "provider" name           ; the table's; for `unknown` the path as sent, ≤ 128 bytes
//              "received-at" rfc3339-ms  ; when ingest had read the head of this delivery
//              "request-id" text         ; made by ingest, one per delivery
//              ["content-type" text]     ; as sent
//              ["traceparent" text]      ; as sent, if valid (W3C Trace Context); with tracing, of
//                                        ; the span that sends the record
//              ["tracestate" text]       ; as sent, if valid, beside a valid traceparent
//              ["event-id" text]         ; of an event whose id is in a header of the request
//              ["authenticated-as" name] ; of the row `unknown`: the row whose secret it had
//              ["spooled" "1"]           ; if it passed through the spool
//              "schema" "1"
//              ["ingest-instance" text]  ; the host that wrote the record; added by its producer

/// One delivery of a callback, as ingest stores it in Kafka or in the spool.
struct Envelope {
  std::string key;
  std::string body;
  std::string provider;
  WallTime received_at{};
  std::string request_id;
  std::optional<std::string> content_type;
  std::optional<std::string> traceparent;
  bool spooled = false;
  std::optional<std::string> event_id{};
  std::optional<std::string> authenticated_as{};
  std::optional<std::string> tracestate{};
};

inline constexpr std::size_t kMostHeaders = 10;

/// Calls add(name, value) for each header, in the order of the grammar above. The views are valid
/// only during the call.
template <typename Add>
void ForEachHeader(const Envelope& envelope, Add add) {
  if (!envelope.provider.empty()) add(header::kProvider, envelope.provider);
  add(header::kReceivedAt, FormatRfc3339(envelope.received_at));
  add(header::kRequestId, envelope.request_id);
  if (envelope.content_type) add(header::kContentType, *envelope.content_type);
  if (envelope.traceparent) add(header::kTraceparent, *envelope.traceparent);
  if (envelope.tracestate) add(header::kTracestate, *envelope.tracestate);
  if (envelope.event_id) add(header::kEventId, *envelope.event_id);
  if (envelope.authenticated_as) add(header::kAuthenticatedAs, *envelope.authenticated_as);
  if (envelope.spooled) add(header::kSpooled, "1");
  add(header::kSchema, kSchemaVersion);
}

/// The headers of ForEachHeader() as copies.
[[nodiscard]] RecordHeaders HeadersOf(const Envelope& envelope);

/// The record key by the grammar above. The ids are normalised, and empty if there are none.
[[nodiscard]] std::string CallbackKey(const std::optional<ProcessId>& process,
                                      std::string_view body);
[[nodiscard]] std::string EventKey(const std::optional<ProcessId>& process,
                                   const std::optional<EventId>& event, std::string_view body);

/// True for a traceparent of W3C Trace Context: version-traceid-parentid-flags in lower-case hex,
/// ids not all zero, version not ff.
[[nodiscard]] bool IsValidTraceparent(std::string_view text);

}  // namespace common
