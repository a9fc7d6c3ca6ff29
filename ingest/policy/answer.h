#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include "common/domain/provider_rules.h"

namespace ingest {

/// Every situation in which ingest answers a request.
enum class Situation {
  kDurable,        ///< Acknowledged by Kafka.
  kSpooled,        ///< Fsynced in the spool.
  kUnavailable,    ///< Not durable: no ack in time, queue full, or no producer.
  kShed,           ///< Too much in flight.
  kDraining,       ///< The instance is about to stop.
  kInternalError,  ///< A defect of ours.
  kAnswerTooLate,  ///< No decision within the answer deadline.
  kUnauthorized,   ///< Authorization missing, wrong, or sent twice.
  kUnsigned,       ///< A header that the signature needs is missing or sent twice.
  kWrongSignature,
  kStaleSignature,  ///< Right, but its time is outside the tolerance.
  kOutsidePrefix,   ///< Not a callback: a scanner, or a health check on the wrong port.
  kWrongMethod,     ///< Not a POST.
  kBodyTooLarge,
  kHeadTooLarge,
  kLengthRequired,  ///< A POST with neither length nor chunked coding.
  kMalformed,       ///< Ambiguous or broken framing, head or chunk.
  kHeadTooSlow,
  kBodyTooSlow,  ///< Includes a body that the client aborted.
  kTooManyConnections,
};

inline constexpr auto kAllSituations = [] {
  std::array<Situation, static_cast<std::size_t>(Situation::kTooManyConnections) + 1> all{};
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<Situation>(i);
  return all;
}();

/// The outcome of a request, as the metric `sluice_ingest_callbacks_total` labels it.
enum class AnswerOutcome {
  kStored,
  kSpooled,
  kRefused,  ///< ingest could not store it, though the request was valid.
  kUnauthorized,
  kTooLarge,
  kTimedOut,
  kBadRequest,
};

/// Names of the outcomes, in the order of the enum.
inline constexpr std::array<std::string_view, 7> kOutcomeNames = {
    "stored", "spooled", "refused", "unauthorized", "too_large", "timed_out", "bad_request"};

/// The answer to send.
struct ProviderAnswer {
  int status = 0;
  bool allow_post = false;       ///< Sends `Allow: POST`.
  bool challenge = false;        ///< Sends `WWW-Authenticate`.
  bool close = false;            ///< Closes the connection after this answer.
  const char* explanation = "";  ///< The body: a literal, the same for every provider.
};

/// THE answer table: every answer of ingest comes from here, including answers to faults that the
/// HTTP server finds. `provider` is the row `unknown` while the route is not known.
///
///   Success is exactly 200: Onfido and eID treat any other code as a failure.
///   A sender that penalises statuses gets no penal status, with two exceptions: 400 for broken
///   framing and 404 outside the prefix.
[[nodiscard]] ProviderAnswer AnswerFor(Situation situation, const common::ProviderRow& provider);

[[nodiscard]] AnswerOutcome OutcomeOf(Situation situation);

/// "durable", "unavailable", …: for log lines and test names.
[[nodiscard]] std::string_view NameOf(Situation situation);

}  // namespace ingest
