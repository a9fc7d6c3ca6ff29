#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/rfc3339.h"
#include "common/domain/record_position.h"
#include "ops/ctl/trace/trace_records.h"

namespace ctl {

/// One record, as a step in the life of a process.
struct TraceEvent {
  enum class What {
    kReceived,   ///< First delivery.
    kSpooled,    ///< First delivery, which waited on ingest's disk.
    kDuplicate,  ///< Redelivery, which consumer drops.
    kRedriven,   ///< Put back on `callbacks` by an operator.
    kPublished,
    kDead,
    kIgnored,     ///< An event that is not wanted, or a test of its sender.
    kAnnounced,   ///< Its callback is expected, or is no longer.
    kReconciled,  ///< Published although its callback had not come.
  };
  enum class Topic { kCallbacks, kSeen, kProcesses, kDead, kExpected };

  What what = What::kReceived;
  common::WallTime at{};  ///< Record time.
  Topic topic = Topic::kCallbacks;
  common::RecordPosition place;
  std::optional<std::string> provider{};
  std::optional<std::string> authenticated_as{};  ///< As in TracedCallback.
  std::optional<std::string> status{};
  std::optional<common::WallTime> received_at{};
  bool is_spooled = false;  ///< This delivery waited on ingest's disk.
  std::optional<std::string> request_id{};
  std::optional<std::string> instance{};  ///< Of ingest on `callbacks`, else the transactional id.
  std::optional<std::int64_t> attempts{};
  std::optional<std::chrono::milliseconds> fetch_time{};
  std::optional<std::string> reason{};
  std::optional<std::int64_t> http_status{};
  std::optional<std::string> trace_id{};
  std::optional<std::string> redrive{};
  bool is_forgotten = false;  ///< An announcement that takes back the ones before it.
  std::optional<std::chrono::milliseconds> within{};  ///< Of an announcement.
};
[[nodiscard]] std::string_view ToText(TraceEvent::What what);

[[nodiscard]] TraceEvent EventOf(const TracedCallback& callback, bool is_duplicate);
[[nodiscard]] TraceEvent EventOf(const TracedOutcome& outcome);
[[nodiscard]] TraceEvent EventOf(const TracedAnnouncement& announcement);
/// None for a marker of a later release.
[[nodiscard]] std::optional<TraceEvent> EventOf(const TracedMarker& marker);

enum class TraceVerdict {
  kPublished,
  kDead,
  kIgnored,
  kWaiting,  ///< A callback is not disposed of yet, or has not come.
  kUnknown,  ///< Nothing was found, or a callback has no outcome in the traced range.
};
[[nodiscard]] std::string_view ToText(TraceVerdict verdict);

}  // namespace ctl
