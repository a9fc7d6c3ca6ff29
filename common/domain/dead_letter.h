#pragma once

#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/rfc3339.h"
#include "common/domain/offset.h"
#include "common/domain/partition.h"
#include "common/domain/record_headers.h"
#include "common/domain/record_position.h"

namespace common {

enum class DeadReason {
  kMalformed,           ///< The body is unreadable.
  kGone,                ///< 410, or 404 for longer than not_found_for.
  kRejected,            ///< A 4xx that no retry can fix.
  kTooOld,              ///< Not fetched within the age budget.
  kUnreadableResponse,  ///< A 200 without a valid JSON object.
};

inline constexpr std::array kDeadReasons = {DeadReason::kMalformed, DeadReason::kGone,
                                            DeadReason::kRejected, DeadReason::kTooOld,
                                            DeadReason::kUnreadableResponse};

/// The value of the header `dead.reason`.
[[nodiscard]] std::string_view ToText(DeadReason reason);
[[nodiscard]] std::optional<DeadReason> ParseDeadReason(std::string_view text);

struct DeadLetter {
  DeadReason reason = DeadReason::kMalformed;
  int attempts = 0;
  std::chrono::milliseconds fetch_time{};  ///< From the first attempt to the last answer.
  int http_status = 0;                     ///< 0: the API did not answer; omits the header.
  std::string trace_id;                    ///< From the API's error body. Empty: omits the header.
  WallTime failed_at{};
  std::string topic;
  Partition partition{};
  Offset offset{};
};

/// The original's headers in their order, then ours. Keeps the original's `dead.redrives` (it was
/// redriven before); adds 0 if there is none.
[[nodiscard]] RecordHeaders HeadersOf(const RecordHeaders& original, const DeadLetter& letter);

/// How often this callback was redriven before. 0 if the header is absent or invalid.
[[nodiscard]] int RedrivesOf(const RecordHeaders& letter);

/// The value of the header `redrive`: "<topic>-<partition>-<offset>" of the dead letter. It is part
/// of the redriven record's identity, so redriving one letter twice yields one fact.
[[nodiscard]] std::string RedriveName(std::string_view topic, const RecordPosition& position);

/// The headers of a dead letter that returns to `callbacks`: the original's in their order, then
/// `redrive` with this name, `redrive-reason: malformed` if that is the letter's reason, and
/// `dead.redrives` plus one. Drops an earlier `redrive` and `redrive-reason`, every other `dead.`
/// header, the letter's own `instance` and `transaction`, and `repaired`.
[[nodiscard]] RecordHeaders RedrivenHeaders(const RecordHeaders& letter, std::string_view name);

}  // namespace common
