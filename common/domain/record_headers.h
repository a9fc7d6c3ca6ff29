#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace common {

/// One header of a Kafka record. Kafka keeps their order and allows a name twice.
struct RecordHeader {
  std::string name;
  std::string value;
  friend bool operator==(const RecordHeader&, const RecordHeader&) = default;
};
using RecordHeaders = std::vector<RecordHeader>;

/// A borrowed RecordHeader. Lifetime: that of the record which owns the texts.
struct HeaderView {
  std::string_view name;
  std::string_view value;
};
using HeaderViews = std::vector<HeaderView>;

/// The last header of that name, as in Kafka's own clients. `Headers` is RecordHeaders or
/// HeaderViews.
template <typename Headers>
[[nodiscard]] std::optional<std::string_view> LastHeader(const Headers& headers,
                                                         std::string_view name) {
  for (auto header = headers.rbegin(); header != headers.rend(); ++header) {
    if (header->name == name) return header->value;
  }
  return std::nullopt;
}

/// Names of the headers that Sluice writes.
namespace header {
inline constexpr std::string_view kProvider = "provider";
inline constexpr std::string_view kReceivedAt = "received-at";
inline constexpr std::string_view kRequestId = "request-id";
inline constexpr std::string_view kContentType = "content-type";
inline constexpr std::string_view kTraceparent = "traceparent";
inline constexpr std::string_view kTracestate = "tracestate";
inline constexpr std::string_view kEventId = "event-id";  ///< Of a row with `extract.id: header:…`.
inline constexpr std::string_view kAuthenticatedAs = "authenticated-as";
inline constexpr std::string_view kSpooled = "spooled";
inline constexpr std::string_view kRedrive = "redrive";
inline constexpr std::string_view kRedriveReason = "redrive-reason";  ///< See RedrivenHeaders().
inline constexpr std::string_view kSchema = "schema";
inline constexpr std::string_view kOutcome = "outcome";
inline constexpr std::string_view kFetch = "fetch";
inline constexpr std::string_view kRecordTime = "record-time";
inline constexpr std::string_view kRepaired = "repaired";        ///< The original's position.
inline constexpr std::string_view kInstance = "instance";        ///< The transactional.id.
inline constexpr std::string_view kTransaction = "transaction";  ///< Its number, decimal.
inline constexpr std::string_view kAttempts = "attempts";        ///< Of the fetch, decimal.
inline constexpr std::string_view kFetchMs = "fetch-ms";         ///< How long it took, decimal.
inline constexpr std::string_view kIngestInstance = "ingest-instance";
inline constexpr std::string_view kDeadReason = "dead.reason";
inline constexpr std::string_view kDeadAttempts = "dead.attempts";
inline constexpr std::string_view kDeadFetchMs = "dead.fetch-ms";
inline constexpr std::string_view kDeadHttpStatus = "dead.http-status";
inline constexpr std::string_view kDeadTraceId = "dead.trace-id";
inline constexpr std::string_view kDeadFailedAt = "dead.failed-at";
inline constexpr std::string_view kDeadTopic = "dead.topic";
inline constexpr std::string_view kDeadPartition = "dead.partition";
inline constexpr std::string_view kDeadOffset = "dead.offset";
inline constexpr std::string_view kDeadRedrives = "dead.redrives";
}  // namespace header

inline constexpr std::string_view kSchemaVersion = "1";
/// Of a result that is an event: its ids may be null.
inline constexpr std::string_view kEventResultSchemaVersion = "2";

}  // namespace common
