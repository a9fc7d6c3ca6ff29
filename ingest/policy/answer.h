#pragma once

#include <array>
#include <cstddef>
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

inline constexpr auto kAllSituations = [] {
  std::array<Situation, static_cast<std::size_t>(Situation::kTooManyConnections) + 1> all{};
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<Situation>(i);
  return all;
}();

/// What becomes of a request, in the few words of the metric `sluice_ingest_callbacks_total`.
enum class Outcome {
  kStored,
  kSpooled,
  kRefused,  ///< It might as well have been taken.
  kUnauthorized,
  kTooLarge,
  kTimedOut,
  kBadRequest,
};

/// The names of the outcomes, in their order.
inline constexpr std::array<std::string_view, 7> kOutcomeNames = {
    "stored", "spooled", "refused", "unauthorized", "too_large", "timed_out", "bad_request"};

/// What is sent.
struct Verdict {
  int status = 0;
  bool allow_post = false;       ///< With `Allow: POST`.
  bool challenge = false;        ///< With `WWW-Authenticate`.
  bool close = false;            ///< The connection ends with this answer.
  const char* explanation = "";  ///< The body: a literal, the same for every provider.
};

/// THE answer table: every answer of ingest, those of the HTTP server's own faults included, comes
/// from here. `provider` is the row `unknown` for what is answered before the route is known.
///
///   success is exactly 200: Onfido and eID take any other code for a failure
///   a sender that penalises statuses gets none of the penal ones, but for broken framing (400)
///   and for what lies outside the prefix (404)
[[nodiscard]] Verdict AnswerFor(Situation situation, const common::ProviderRow& provider);

[[nodiscard]] Outcome OutcomeOf(Situation situation);

/// "durable", "unavailable", …: for log lines and test names.
[[nodiscard]] std::string_view NameOf(Situation situation);

}  // namespace ingest
