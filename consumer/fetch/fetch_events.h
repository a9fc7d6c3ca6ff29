#pragma once

#include <chrono>
#include <string_view>

#include "common/base/rfc3339.h"
#include "consumer/fetch/attempt_result.h"
#include "consumer/fetch/fetch_job.h"
#include "consumer/policy/transport_fault.h"

namespace consumer {

/// One finished HTTP attempt. The texts are valid during the call.
struct AttemptReport {
  Resource resource = Resource::kProcess;
  AttemptResult result = AttemptResult::kOk;
  std::chrono::steady_clock::duration elapsed{};
  int http_status = 0;  ///< 0: no answer.
  TransportFault fault = TransportFault::kNone;
  std::string_view trace_id;      ///< From the API's error body; may be empty.
  std::string_view detail;        ///< The transport's error text; free of secrets and bodies.
  const FetchJob* job = nullptr;  ///< Null for a token.
};

/// The scheduler's events, for metrics and the log.
///
/// Threads: called on the scheduler's thread, within Advance(). An implementation must not block or
///          call the scheduler.
class FetchEvents {
 public:
  virtual ~FetchEvents() = default;
  virtual void AttemptFinished(const AttemptReport& report) = 0;
  virtual void BreakerOpened() = 0;
  virtual void BreakerClosed(std::chrono::steady_clock::duration open_for) = 0;
  /// A Retry-After: no request goes to the host of that resource before `until`.
  virtual void HeldBack(Resource resource, std::chrono::milliseconds wait,
                        common::WallTime until) = 0;
  virtual void ConcurrencyLimitChanged(int limit) = 0;
  /// Requests to the API in flight, without token requests.
  virtual void InFlightChanged(int in_flight) = 0;
};

}  // namespace consumer
