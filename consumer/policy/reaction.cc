#include "consumer/policy/reaction.h"

namespace consumer {

Reaction Classify(const AnswerFacts& answer) {
  const bool is_too_large = answer.fault == TransportFault::kTooLarge;
  if (is_too_large && answer.status == 200) return Reaction::kTooLarge;
  if (answer.fault != TransportFault::kNone && !is_too_large) return Reaction::kRetry;
  switch (answer.status) {
    case 200:
      if (!answer.is_object) return Reaction::kUnreadable;
      return answer.is_unfinished ? Reaction::kAwait : Reaction::kAccept;
    case 401:
      return Reaction::kRenewToken;
    case 404:
      return Reaction::kRetryMissing;
    case 410:
      return Reaction::kGone;
    case 403:
    case 408:
    case 425:
    case 429:
      return Reaction::kRetry;
    default:
      if (answer.status / 100 == 2) return Reaction::kUnreadable;
      return answer.status / 100 == 4 ? Reaction::kReject : Reaction::kRetry;
  }
}

bool IsHostAtFault(TransportFault fault, int status) {
  if (fault == TransportFault::kNoRoom) return false;
  if (fault != TransportFault::kNone && fault != TransportFault::kTooLarge) return true;
  const bool is_about_resource = status / 100 == 2 || status / 100 == 4;
  return !is_about_resource || status == 401 || status == 403;
}

bool IsCongestion(TransportFault fault, int status, bool has_retry_after) {
  if (fault == TransportFault::kTimeout || fault == TransportFault::kNoRoom) return true;
  return status == 429 || (status == 503 && has_retry_after);
}

}  // namespace consumer
