#include "common/domain/dead_letter.h"

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

RecordHeaders HeadersOf(const RecordHeaders& original, const DeadLetter& letter) {
  RecordHeaders headers = original;
  const auto add = [&](std::string_view name, std::string_view value) {
    headers.push_back({std::string(name), std::string(value)});
  };
  add(header::kDeadReason, ToText(letter.reason));
  add(header::kDeadAttempts, std::to_string(letter.attempts));
  if (letter.http_status != 0) add(header::kDeadHttpStatus, std::to_string(letter.http_status));
  if (!letter.trace_id.empty()) add(header::kDeadTraceId, letter.trace_id);
  add(header::kDeadFailedAt, FormatRfc3339(letter.failed_at));
  add(header::kDeadTopic, letter.topic);
  add(header::kDeadPartition, std::to_string(letter.partition));
  add(header::kDeadOffset, std::to_string(letter.offset));
  if (!LastHeader(original, header::kDeadRedrives)) add(header::kDeadRedrives, "0");
  return headers;
}

}  // namespace common
