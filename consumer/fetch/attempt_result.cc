#include "consumer/fetch/attempt_result.h"

namespace consumer {

std::string_view ToText(Resource resource) {
  switch (resource) {
    case Resource::kProcess:
      return "process";
    case Resource::kDossier:
      return "dossier";
    case Resource::kToken:
      return "token";
  }
  return "";
}

std::string_view ToText(AttemptResult result) {
  switch (result) {
    case AttemptResult::kOk:
      return "ok";
    case AttemptResult::kRetry:
      return "retry";
    case AttemptResult::kGone:
      return "gone";
    case AttemptResult::kRejected:
      return "rejected";
    case AttemptResult::kUnauthorized:
      return "unauthorized";
    case AttemptResult::kTimeout:
      return "timeout";
    case AttemptResult::kForeign:
      return "foreign";
    case AttemptResult::kError:
      return "error";
  }
  return "";
}

AttemptResult ResultOf(TransportFault fault, int status, Reaction reaction) {
  if (fault == TransportFault::kTimeout) return AttemptResult::kTimeout;
  if (reaction == Reaction::kForeign) return AttemptResult::kForeign;
  if (status == 401 || status == 403) return AttemptResult::kUnauthorized;
  switch (reaction) {
    case Reaction::kAccept:
      return AttemptResult::kOk;
    case Reaction::kAwait:
      return AttemptResult::kRetry;
    case Reaction::kRetryMissing:
    case Reaction::kGone:
      return AttemptResult::kGone;
    case Reaction::kRenewToken:
      return AttemptResult::kUnauthorized;
    case Reaction::kReject:
      return AttemptResult::kRejected;
    case Reaction::kRetry:
      return status >= 400 && status < 600 ? AttemptResult::kRetry : AttemptResult::kError;
    case Reaction::kForeign:
    case Reaction::kUnreadable:
    case Reaction::kTooLarge:
      break;
  }
  return AttemptResult::kError;
}

}  // namespace consumer
