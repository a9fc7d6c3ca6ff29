#pragma once

#include <chrono>
#include <string_view>

#include "consumer/fetch/fetch_job.h"
#include "consumer/policy/transport_fault.h"

namespace consumer {

enum class Resource { kProcess, kDossier, kToken };
/// As a metric label: process, dossier, token.
[[nodiscard]] std::string_view ToText(Resource resource);

/// The label `result` of sluice_consumer_fetch_attempts_total.
enum class AttemptResult {
  kOk,
  kRetry,         ///< 408, 425, 429, 5xx, or a process that is not finished yet.
  kGone,          ///< 404, 410.
  kRejected,      ///< Another 4xx.
  kUnauthorized,  ///< 401, 403; of the token endpoint also 400.
  kTimeout,
  kError,  ///< Any other fault, a 3xx, an answer that is not what it should be.
};
[[nodiscard]] std::string_view ToText(AttemptResult result);

/// One HTTP attempt, once it ended. The texts are valid during the call.
struct AttemptReport {
  Resource resource = Resource::kProcess;
  AttemptResult result = AttemptResult::kOk;
  std::chrono::steady_clock::duration elapsed{};
  int http_status = 0;  ///< 0: no answer.
  TransportFault fault = TransportFault::kNone;
  std::string_view trace_id;      ///< Of the API's error body; may be empty.
  std::string_view detail;        ///< The transport's own words; free of secrets and bodies.
  const FetchJob* job = nullptr;  ///< Null for a token.
};

/// What the scheduler reports, for metrics and the log.
///
/// Threads: called on the scheduler's thread, from within Advance(). No call may block, or call the
///          scheduler.
class FetchEvents {
 public:
  virtual ~FetchEvents() = default;
  virtual void AttemptFinished(const AttemptReport& report) = 0;
  virtual void BreakerOpened() = 0;
  /// `open_for`: how long it was open.
  virtual void BreakerClosed(std::chrono::steady_clock::duration open_for) = 0;
  virtual void ConcurrencyLimitChanged(int limit) = 0;
  /// Requests to the API under way, tokens not counted.
  virtual void InFlightChanged(int in_flight) = 0;
};

}  // namespace consumer
