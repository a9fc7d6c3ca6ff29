#pragma once
// Sketch of the interface between the lane and fetching, to be completed by its implementation.

#include <chrono>
#include <cstddef>
#include <vector>

#include "consumer/fetch/fetch_job.h"
#include "consumer/fetch/http_transport.h"

namespace consumer {

/// Fetches the process and dossier of every job, with retries, and says how each ended.
///
/// Threads: confined to the lane. Time: steady time is an argument; wall time from an injected
/// clock.
class FetchScheduler {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  void Submit(FetchJob job, TimePoint now);
  /// Drops every job; no result for them will be returned. The token and the breaker are kept.
  void CancelAll();
  /// Takes the transport's replies, starts what is due, returns what ended since the last call.
  std::vector<FetchResult> Advance(TimePoint now);
  /// When Advance must be called again even if no reply comes.
  TimePoint NextDue(TimePoint now) const;
  /// False while the breaker is open, but for the one callback that it needs to probe with.
  bool WantsIntake() const;
  std::size_t pending() const;
};

}  // namespace consumer
