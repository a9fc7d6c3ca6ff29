#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "common/domain/assure_request.h"
#include "common/domain/ids.h"

namespace ctl {

enum class DeletionOutcome {
  kDeleted,
  kGone,         ///< Signicat had no such dossier.
  kRefused,      ///< Signicat does not delete it. A repetition changes nothing.
  kUnavailable,  ///< No usable answer: try again later. It may be deleted or not.
};
/// "deleted", "gone", "refused", "unavailable"
[[nodiscard]] std::string_view ToText(DeletionOutcome outcome);

/// Signicat's answers to the deletion of a dossier.
struct DeletionReport {
  DeletionOutcome outcome = DeletionOutcome::kUnavailable;
  int status = 0;          ///< Of the last answer; 0 without one.
  std::string why{};       ///< A sentence, unless it says all itself.
  std::string trace_id{};  ///< From the error body.
  int attempts = 0;        ///< Of the deletion.
};

/// The end of one HTTP attempt.
struct AssureReply {
  int status = 0;      ///< 0: no answer, or a broken one.
  std::string body{};  ///< At most its first 64 KiB.
  std::optional<std::string> retry_after{};
  std::string error{};  ///< Without an answer, for people; contains no secret.
};

/// How the deletion reaches the world.
struct DeletionPorts {
  std::function<AssureReply(const common::AssureRequest&)> ask;
  /// Waits; false if the program must stop.
  std::function<bool(std::chrono::milliseconds)> wait;
};

/// DELETE {base_url}/dossiers/{dossierId}, with a token of this client. Signicat documents that
/// dossiers can be deleted, not the answers; they are read as RFC 9110 defines them:
///
///   2xx                             deleted, if a GET afterwards gets 404 or 410; else unavailable.
///                                   Refused if the body is neither empty nor a JSON object
///   404, 410                        gone; not if the body names another dossier. Refused if it is
///                                   no error of the API: a JSON object with `traceId`, or with our
///                                   path as `instance`, or with our `dossierId`
///   401, or 400 with invalid_token  once more with a new token, then refused
///   403, 409, another 4xx, 3xx      refused
///   408, 425, 429, 5xx, none        again after a growing wait or Retry-After: four attempts in
///                                   all, none after a Retry-After of more than a minute
///
/// Deleting twice does no harm.
///
/// Precondition: CanStandInUrl() for the dossier.
[[nodiscard]] DeletionReport DeleteDossier(const common::AssureClient& client,
                                           const common::DossierId& dossier,
                                           const DeletionPorts& ports);

}  // namespace ctl
