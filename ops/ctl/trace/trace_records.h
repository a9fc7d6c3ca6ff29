#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "common/base/rfc3339.h"
#include "common/callback/callback_facts.h"
#include "common/callback/record_times.h"
#include "common/domain/identity.h"
#include "common/domain/marker.h"
#include "common/domain/record_position.h"

namespace ctl {

// The records of one process. A fact is absent if an older release has written the record.

/// A record of `callbacks`.
struct TracedCallback {
  common::RecordPosition place;
  common::WallTime at{};  ///< Its record time.
  std::string key;
  common::CallbackFacts facts;
  common::RecordTimes times;
  common::Windows windows{};
  std::optional<std::string> request_id{};
  std::optional<std::string> ingest_instance{};
  /// The row whose secret it had, if it came to the row `unknown`.
  std::optional<std::string> authenticated_as{};
  std::optional<std::string> redrive{};  ///< The record that it replaces.
};

/// A record of `callbacks.expected`.
struct TracedAnnouncement {
  common::RecordPosition place;
  common::WallTime at{};                  ///< Its record time.
  bool is_forgotten = false;              ///< No callback is expected any more.
  std::optional<std::string> mistake{};   ///< Why consumer skips it.
  std::optional<std::string> provider{};  ///< As announced, like the next three.
  std::optional<std::string> dossier{};
  std::optional<std::string> process{};
  std::optional<std::chrono::milliseconds> within{};
};

/// A record of `processes` or of `callbacks.dead`.
struct TracedOutcome {
  bool is_result = true;
  bool is_reconciled = false;  ///< A result whose callback had not come.
  common::RecordPosition place;
  common::WallTime at{};
  std::optional<common::RecordPosition> callback{};  ///< The place of its callback, as it says.
  std::optional<std::string> provider{};             ///< Of a result, like the next three.
  std::optional<std::string> dossier{};
  std::optional<std::string> process{};
  std::optional<std::string> status{};
  std::optional<std::string> request_id{};
  std::optional<std::string> redrive{};   ///< Of a dead letter: that of its callback.
  std::optional<std::string> instance{};  ///< The transactional id.
  std::optional<std::int64_t> attempts{};
  std::optional<std::chrono::milliseconds> fetch_time{};
  std::optional<std::string> reason{};  ///< Of a dead letter, with the next two.
  std::optional<std::int64_t> http_status{};
  std::optional<std::string> trace_id{};
};

/// A record of `callbacks.seen`.
struct TracedMarker {
  common::RecordPosition place;
  common::Marker marker;
  bool is_reconciled = false;  ///< Of a result whose callback had not come.
  std::optional<std::string> instance{};
};

}  // namespace ctl
