#include "consumer/policy/reaction.h"

namespace consumer {
namespace {

/// A page where the API itself would have said no. 401, 403 and those that ask to come later mean
/// the same from a gateway.
bool IsRefusalOfGateway(const AnswerFacts& answer) {
  if (!answer.is_page || answer.status / 100 != 4) return false;
  switch (answer.status) {
    case 401:
    case 403:
    case 408:
    case 425:
    case 429:
      return false;
    default:
      return true;
  }
}

}  // namespace

Reaction Classify(const AnswerFacts& answer) {
  const bool is_too_large = answer.fault == TransportFault::kTooLarge;
  if (is_too_large && IsDocumentStatus(answer.status)) return Reaction::kTooLarge;
  if (answer.fault != TransportFault::kNone && !is_too_large) return Reaction::kRetry;
  if (answer.is_foreign) return Reaction::kForeign;
  if (IsRefusalOfGateway(answer)) return Reaction::kRetry;
  switch (answer.status) {
    case 200:
    case 203:
      if (answer.is_page) return Reaction::kRetry;
      if (!answer.is_object) return Reaction::kUnreadable;
      if (answer.is_too_deep) return Reaction::kTooLarge;
      return answer.is_unfinished ? Reaction::kAwait : Reaction::kAccept;
    case 401:
      return Reaction::kRenewToken;
    case 404:
      return Reaction::kRetryMissing;
    case 410:
      return Reaction::kGone;
    case 206:
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

HostVerdict JudgeHost(const AnswerFacts& answer) {
  using enum TransportFault;
  if (answer.fault == kNoRoom) return HostVerdict::kNothing;
  if (answer.fault != kNone && answer.fault != kTooLarge) return HostVerdict::kAtFault;
  const bool is_page = IsDocumentStatus(answer.status) && answer.is_page;
  if (answer.is_foreign || is_page || IsRefusalOfGateway(answer)) return HostVerdict::kAtFault;
  if (answer.status == 403) return HostVerdict::kForbidden;
  const bool is_about_resource = answer.status / 100 == 2 || answer.status / 100 == 4;
  const bool is_at_fault = !is_about_resource || answer.status == 401 || answer.status == 206;
  return is_at_fault ? HostVerdict::kAtFault : HostVerdict::kWorks;
}

bool IsCongestion(TransportFault fault, int status, bool has_retry_after) {
  if (fault == TransportFault::kTimeout || fault == TransportFault::kNoRoom) return true;
  return status == 429 || (status == 503 && has_retry_after);
}

}  // namespace consumer
