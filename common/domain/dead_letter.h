#pragma once

#include <array>
#include <cstdint>
#include <optional>
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

inline constexpr std::array kDeadReasons = {DeadReason::kMalformed, DeadReason::kGone,
                                            DeadReason::kRejected, DeadReason::kTooOld,
                                            DeadReason::kUnreadableResponse};

/// As in the header `dead.reason`.
[[nodiscard]] std::string_view ToText(DeadReason reason);
[[nodiscard]] std::optional<DeadReason> ParseDeadReason(std::string_view text);

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

/// How often the callback of a dead letter was redriven before; 0 if its headers do not say.
[[nodiscard]] int RedrivesOf(const RecordHeaders& letter);

/// What the header `redrive` says of a dead letter: "<topic>-<partition>-<offset>". A part of the
/// redriven record's identity, so the same letter is the same fact however often it is redriven.
[[nodiscard]] std::string RedriveName(std::string_view topic, std::int32_t partition,
                                      std::int64_t offset);

/// The headers with which a dead letter goes back to `callbacks`: the original's in their order,
/// then `redrive` with this name and `dead.redrives`, one higher. An earlier `redrive`, all else
/// that begins with `dead.`, and who wrote the letter in which transaction goes.
[[nodiscard]] RecordHeaders RedrivenHeaders(const RecordHeaders& letter, std::string_view name);

}  // namespace common
