#pragma once

#include "consumer/policy/transport_fault.h"

namespace consumer {

/// One answer for a process or a dossier, as far as anything depends on it.
struct AnswerFacts {
  TransportFault fault = TransportFault::kNone;
  int status = 0;
  bool is_object = false;    ///< The body is one JSON object.
  bool is_too_deep = false;  ///< … and nested deeper than its readers take.
  bool is_page = false;      ///< The body is none, but a page for people.
  bool is_foreign = false;   ///< It names something else than what was asked for.
  /// The process is still `pending` or `processing` although the callback's status is a final one.
  bool is_unfinished = false;
};

/// What an answer calls for.
enum class Reaction {
  kAccept,        ///< 200 or 203, a JSON object.
  kAwait,         ///< The same, but the process is not finished: again, until the age budget ends.
  kUnreadable,    ///< 200 or 203 without a JSON object, another 2xx but 206: three attempts.
  kTooLarge,      ///< More than max_response, or nested too deep: it will not change.
  kForeign,       ///< The answer to another question: never used; retried as kRetry.
  kRenewToken,    ///< 401: once more with a new token, then as kRetry.
  kRetry,         ///< 408, 425, 429, 5xx, any fault; 403 and 3xx, for an operator to mend; a page
                  ///< and 206, which no API would send.
  kRetryMissing,  ///< 404: again, until `not_found_for` has passed.
  kGone,          ///< 410.
  kReject,        ///< Any other 4xx.
};

/// Whether an answer of this status can be a process or a dossier. 203 is a 200 that a proxy has
/// changed (RFC 9110, 15.3.4): its ids tell whether it can be used. 206 is a part of one, which
/// nobody has asked for.
[[nodiscard]] constexpr bool IsDocumentStatus(int status) { return status == 200 || status == 203; }

/// The reaction table.
[[nodiscard]] Reaction Classify(const AnswerFacts& answer);

/// What an answer says of the host, for the circuit breaker.
enum class HostVerdict {
  kWorks,      ///< It has answered for the resource, be it that there is none.
  kAtFault,    ///< No connection, no answer in time, 5xx, 3xx, 401, 206, a page, a foreign answer.
  kForbidden,  ///< 403: of the resource or of our standing with the host, nobody can tell by one.
  kNothing,    ///< We had no room for it.
};
[[nodiscard]] HostVerdict JudgeHost(const AnswerFacts& answer);

/// Whether fewer requests should be under way: the host says, or shows, that it is asked too much
/// (429, 503 with a Retry-After, timeouts), or the answers are too large for so many at once.
[[nodiscard]] bool IsCongestion(TransportFault fault, int status, bool has_retry_after);

}  // namespace consumer
