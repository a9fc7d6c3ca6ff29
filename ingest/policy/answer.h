#pragma once

#include <string_view>

#include "common/domain/provider_rules.h"

namespace ingest {

/// Everything that can be the case when a request is answered.
enum class Situation {
  kDurable,        ///< Acknowledged by Kafka.
  kSpooled,        ///< Fsynced in the spool.
  kUnavailable,    ///< It cannot be made durable: no ack in time, queue full, producer gone.
  kShed,           ///< Too much in flight.
  kDraining,       ///< The instance is at the end of its stop.
  kInternalError,  ///< A defect of ours.
  kAnswerTooLate,  ///< Nobody decided within the answer deadline.
  kUnauthorized,   ///< Authorization missing, wrong, or sent twice.
  kOutsidePrefix,  ///< Not a callback: a scanner, or a health check on the wrong port.
  kWrongMethod,    ///< Not a POST.
  kBodyTooLarge,
  kHeadTooLarge,
  kLengthRequired,  ///< A POST with neither length nor chunked coding.
  kMalformed,       ///< Ambiguous or broken framing, head or chunk.
  kHeadTooSlow,
  kBodyTooSlow,  ///< Also a body that the client ended early.
  kTooManyConnections,
};

inline constexpr Situation kAllSituations[] = {
    Situation::kDurable,
    Situation::kSpooled,
    Situation::kUnavailable,
    Situation::kShed,
    Situation::kDraining,
    Situation::kInternalError,
    Situation::kAnswerTooLate,
    Situation::kUnauthorized,
    Situation::kOutsidePrefix,
    Situation::kWrongMethod,
    Situation::kBodyTooLarge,
    Situation::kHeadTooLarge,
    Situation::kLengthRequired,
    Situation::kMalformed,
    Situation::kHeadTooSlow,
    Situation::kBodyTooSlow,
    Situation::kTooManyConnections,
};

/// What is sent.
struct Verdict {
  int status = 0;
  bool allow_post = false;       ///< With `Allow: POST`.
  bool challenge = false;        ///< With `WWW-Authenticate`.
  bool close = false;            ///< The connection ends with this answer.
  const char* explanation = "";  ///< The body: a literal, the same for every provider.
};

/// THE answer table: every answer of ingest, those of the HTTP server's own faults included, comes
/// from here. `row` is `unknown` for what is answered before the route is known.
///
///   success is exactly 200: Onfido and eID take any other code for a failure
///   a sender that penalises statuses gets none of the penal ones, but for broken framing (400)
///   and for what lies outside the prefix (404)
[[nodiscard]] Verdict AnswerFor(Situation situation, const common::ProviderRow& row);

/// True for a status by which ReadID loses a callback for good (400) or holds all its callbacks for
/// an hour (≥ 500, 404, 405, 406, 410, 414, 415). Source: Signicat, "Callbacks", ReadID.
[[nodiscard]] bool IsPenal(int status);

/// "durable", "unavailable", …: for log lines and test names.
[[nodiscard]] std::string_view NameOf(Situation situation);

}  // namespace ingest
