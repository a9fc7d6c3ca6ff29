#pragma once

#include <string_view>

#include "consumer/policy/reaction.h"
#include "consumer/policy/transport_fault.h"

namespace consumer {

enum class Resource { kProcess, kDossier, kToken };
/// As a metric label: process, dossier, token.
[[nodiscard]] std::string_view ToText(Resource resource);

/// The label `result` of sluice_consumer_fetch_attempts_total.
enum class AttemptResult {
  kOk,
  kRetry,         ///< 408, 425, 429, 5xx, or an unfinished process.
  kGone,          ///< 404, 410.
  kRejected,      ///< Another 4xx.
  kUnauthorized,  ///< 401, 403, a 400 that names the token.
  kTimeout,
  kForeign,  ///< The answer to another request.
  kError,    ///< Any other fault, a 3xx, an invalid answer.
};
[[nodiscard]] std::string_view ToText(AttemptResult result);

[[nodiscard]] AttemptResult ResultOf(TransportFault fault, int status, Reaction reaction);

}  // namespace consumer
