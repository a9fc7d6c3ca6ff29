#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/base/rfc3339.h"
#include "common/domain/record_headers.h"

namespace common {

enum class DeadReason {
  kMalformed,           ///< The body is unreadable.
  kGone,                ///< 410, or 404 for longer than not_found_for.
  kRejected,            ///< A 4xx that no retry can mend.
  kTooOld,              ///< Not fetched within the age budget.
  kUnreadableResponse,  ///< 200 without a usable JSON object.
};

/// As in the header `dead.reason`.
[[nodiscard]] std::string_view ToText(DeadReason reason);

struct DeadLetter {
  DeadReason reason = DeadReason::kMalformed;
  int attempts = 0;
  int http_status = 0;   ///< 0: no answer; the header is then absent.
  std::string trace_id;  ///< Of the API's error body; empty: the header is absent.
  WallTime failed_at{};
  std::string topic;
  std::int32_t partition = 0;
  std::int64_t offset = 0;
};

/// The original's headers in their order, then ours. `dead.redrives` is kept where the original
/// carries it (it was redriven) and 0 otherwise.
[[nodiscard]] RecordHeaders HeadersOf(const RecordHeaders& original, const DeadLetter& letter);

}  // namespace common
