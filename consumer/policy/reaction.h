#pragma once

#include "consumer/policy/transport_fault.h"

namespace consumer {

/// One answer for a process or a dossier, as far as anything depends on it.
struct AnswerFacts {
  TransportFault fault = TransportFault::kNone;
  int status = 0;
  bool is_object = false;  ///< The body is one JSON object.
  /// The process is still `pending` or `processing` although the callback's status is a final one.
  bool is_unfinished = false;
};

/// What an answer calls for.
enum class Reaction {
  kAccept,        ///< 200, a JSON object.
  kAwait,         ///< The same, but the process is not finished: again, until the age budget ends.
  kUnreadable,    ///< 200 without a JSON object (another 2xx is the same to us): three attempts.
  kTooLarge,      ///< More than max_response: it will not shrink.
  kRenewToken,    ///< 401: once more with a new token, then as kRetry.
  kRetry,         ///< 408, 425, 429, 5xx, any fault; 403 and 3xx, for an operator to mend.
  kRetryMissing,  ///< 404: again, until `not_found_for` has passed.
  kGone,          ///< 410.
  kReject,        ///< Any other 4xx.
};

/// The reaction table.
[[nodiscard]] Reaction Classify(const AnswerFacts& answer);

/// Whether the host, or our standing with it, is at fault and not this one resource: what the
/// circuit breaker counts. No connection, no answer in time, 5xx, 3xx, 401, 403.
[[nodiscard]] bool IsHostAtFault(TransportFault fault, int status);

/// Whether fewer requests should be under way: the host says, or shows, that it is asked too much
/// (429, 503 with a Retry-After, timeouts), or the answers are too large for so many at once.
[[nodiscard]] bool IsCongestion(TransportFault fault, int status, bool has_retry_after);

}  // namespace consumer
