#pragma once

#include "consumer/policy/transport_fault.h"

namespace consumer {

/// The facts of one answer for a process or dossier on which decisions depend.
struct AnswerFacts {
  TransportFault fault = TransportFault::kNone;
  int status = 0;
  bool is_object = false;    ///< The body is one JSON object.
  bool is_too_deep = false;  ///< … and nested too deep for most readers.
  bool is_page = false;      ///< The body is not a JSON object but a page for people.
  bool is_foreign = false;   ///< It names other ids than the requested ones.
  /// The process is still `pending` or `processing` although the callback's status is final.
  bool is_unfinished = false;
};

/// The consequence of an answer.
enum class Reaction {
  kAccept,      ///< 200 or 203, a JSON object.
  kAwait,       ///< The same, but the process is not finished: retried until the age budget ends.
  kUnreadable,  ///< 200 or 203 without a JSON object, any other 2xx except 206: three attempts.
  kTooLarge,    ///< Larger than max_response, or nested too deep: it will not change.
  kForeign,     ///< The answer to another request: never used; retried as kRetry.
  kRenewToken,  ///< 401: retried once with a new token, then as kRetry.
  /// 408, 425, 429, 5xx, any fault. 403 and 3xx, which an operator must correct. A page instead of
  /// a document or of a refusal, or a 206, which the API itself never sends.
  kRetry,
  kRetryMissing,  ///< 404: retried for `not_found_for`.
  kGone,          ///< 410.
  kReject,        ///< Any other 4xx.
};

/// True if an answer of this status can be a process or dossier. 203 is a 200 that a proxy has
/// changed (RFC 9110, 15.3.4); its ids tell whether it can be used. 206 is a part, which we never
/// request.
[[nodiscard]] constexpr bool IsDocumentStatus(int status) { return status == 200 || status == 203; }

/// The reaction table.
[[nodiscard]] Reaction Classify(const AnswerFacts& answer);

/// The host's health by one answer, for the circuit breaker.
enum class HostVerdict {
  kWorks,      ///< It answered for the resource, even if the resource does not exist.
  kAtFault,    ///< No connection, a timeout, 5xx, 3xx, 401, 206, a page, a foreign answer.
  kForbidden,  ///< 403: one answer does not tell whether the resource or our account is refused.
  kNothing,    ///< We had no room for the answer.
};
[[nodiscard]] HostVerdict JudgeHost(const AnswerFacts& answer);

/// True if fewer requests should be in flight: the host is overloaded (429, 503 with a Retry-After,
/// timeouts), or the answers are too large for so many at once.
[[nodiscard]] bool IsCongestion(TransportFault fault, int status, bool has_retry_after);

}  // namespace consumer
