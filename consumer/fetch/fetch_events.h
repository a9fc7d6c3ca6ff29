#pragma once

#include <chrono>
#include <string_view>

#include "common/base/rfc3339.h"
#include "consumer/fetch/attempt_result.h"
#include "consumer/fetch/fetch_job.h"
#include "consumer/policy/transport_fault.h"

namespace consumer {

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
  /// A Retry-After: nothing will be asked of the host of that resource before `until`.
  virtual void HeldBack(Resource resource, std::chrono::milliseconds wait,
                        common::WallTime until) = 0;
  virtual void ConcurrencyLimitChanged(int limit) = 0;
  /// Requests to the API under way, tokens not counted.
  virtual void InFlightChanged(int in_flight) = 0;
};

}  // namespace consumer
