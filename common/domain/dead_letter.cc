#include "common/domain/dead_letter.h"

#include <algorithm>
#include <limits>

#include "common/base/number.h"

namespace common {

std::string_view ToText(DeadReason reason) {
  switch (reason) {
    case DeadReason::kMalformed:
      return "malformed";
    case DeadReason::kGone:
      return "gone";
    case DeadReason::kRejected:
      return "rejected";
    case DeadReason::kTooOld:
      return "too-old";
    case DeadReason::kUnreadableResponse:
      return "unreadable-response";
  }
  return "";
}

std::optional<DeadReason> ParseDeadReason(std::string_view text) {
  for (const DeadReason reason : kDeadReasons) {
    if (ToText(reason) == text) return reason;
  }
  return std::nullopt;
}

RecordHeaders HeadersOf(const RecordHeaders& original, const DeadLetter& letter) {
  RecordHeaders headers = original;
  const auto add = [&](std::string_view name, std::string_view value) {
    headers.push_back({std::string(name), std::string(value)});
  };
  add(header::kDeadReason, ToText(letter.reason));
  add(header::kDeadAttempts, std::to_string(letter.attempts));
  if (letter.attempts > 0) add(header::kDeadFetchMs, std::to_string(letter.fetch_time.count()));
  if (letter.http_status != 0) add(header::kDeadHttpStatus, std::to_string(letter.http_status));
  if (!letter.trace_id.empty()) add(header::kDeadTraceId, letter.trace_id);
  add(header::kDeadFailedAt, FormatRfc3339(letter.failed_at));
  add(header::kDeadTopic, letter.topic);
  add(header::kDeadPartition, ToText(letter.partition));
  add(header::kDeadOffset, ToText(letter.offset));
  if (!LastHeader(original, header::kDeadRedrives)) add(header::kDeadRedrives, "0");
  return headers;
}

int RedrivesOf(const RecordHeaders& letter) {
  const std::string_view text = LastHeader(letter, header::kDeadRedrives).value_or("");
  return std::clamp(ParseNumber<int>(text).value_or(0), 0, std::numeric_limits<int>::max() - 1);
}

std::string RedriveName(std::string_view topic, const RecordPosition& position) {
  return std::string(topic) + "-" + ToText(position.partition) + "-" + ToText(position.offset);
}

RecordHeaders RedrivenHeaders(const RecordHeaders& letter, std::string_view name) {
  constexpr std::string_view kOurs = "dead.";
  RecordHeaders headers;
  bool is_original = true;  // The headers from `dead.reason` on are the letter's.
  for (const RecordHeader& header : letter) {
    if (header.name == header::kDeadReason) is_original = false;
    const bool is_of_the_letter =
        !is_original && (header.name == header::kInstance || header.name == header::kTransaction);
    // Else the next letter would count as a copy of that original.
    const bool is_of_a_repair = header.name == header::kRepaired;
    const bool is_of_a_redrive =
        header.name == header::kRedrive || header.name == header::kRedriveReason;
    if (is_of_a_redrive || header.name.starts_with(kOurs) || is_of_the_letter || is_of_a_repair) {
      continue;
    }
    headers.push_back(header);
  }
  headers.push_back({std::string(header::kRedrive), std::string(name)});
  if (LastHeader(letter, header::kDeadReason) == ToText(DeadReason::kMalformed)) {
    headers.push_back(
        {std::string(header::kRedriveReason), std::string(ToText(DeadReason::kMalformed))});
  }
  headers.push_back({std::string(header::kDeadRedrives), std::to_string(RedrivesOf(letter) + 1)});
  return headers;
}

}  // namespace common
