#include "consumer/policy/fetch_retry_policy.h"

namespace consumer {

FetchDecision FetchRetryPolicy::Decide(Reaction reaction, const FetchHistory& history,
                                       double unit_random) const {
  using common::DeadReason;
  switch (reaction) {
    case Reaction::kAccept:
      return Done{};
    case Reaction::kTooLarge:
      return GiveUp{DeadReason::kUnreadableResponse};
    case Reaction::kGone:
      return GiveUp{DeadReason::kGone};
    case Reaction::kReject:
      return GiveUp{DeadReason::kRejected};
    case Reaction::kUnreadable:
      if (history.unreadable + 1 >= kUnreadableAttempts) {
        return GiveUp{DeadReason::kUnreadableResponse};
      }
      break;
    case Reaction::kRetryMissing:
      if (history.age >= settings_.not_found_for) return GiveUp{DeadReason::kGone};
      break;
    case Reaction::kAwait:
    case Reaction::kForeign:
    case Reaction::kRenewToken:
    case Reaction::kRetry:
      break;
  }
  const bool is_too_old = history.age >= settings_.max_age;
  if (is_too_old && history.is_witnessed) return GiveUp{DeadReason::kTooOld};
  return RetryIn{settings_.backoff.Delay(history.retries, unit_random)};
}

}  // namespace consumer
