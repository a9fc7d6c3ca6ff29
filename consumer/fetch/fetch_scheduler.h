#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

#include "common/base/rfc3339.h"
#include "consumer/fetch/fetch_events.h"
#include "consumer/fetch/fetch_job.h"
#include "consumer/fetch/fetch_settings.h"
#include "consumer/fetch/http_transport.h"

namespace consumer {

/// Fetches the process and dossier of every job, with retries, and says how each ended.
///
///   Submit ─► queue of its process ─► ready ─► process ─► dossier ─► result
///                (one at a time)       ▲ └──────────┴──────────┘
///                                      └── delayed ◄┘ retry
///
/// Threads:  confined to the lane.
/// Lifetime: transport and events must outlive it.
/// Time:     steady time is an argument, wall time and randomness are injected.
class FetchScheduler {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  struct Ambience {
    std::function<common::WallTime()> wall_now = common::WallNow;
    std::function<double()> unit_random;  ///< In [0, 1); for the jitter. Must be set.
  };

  FetchScheduler(FetchSettings settings, HttpTransport& transport, FetchEvents& events,
                 Ambience ambience);
  ~FetchScheduler();
  FetchScheduler(const FetchScheduler&) = delete;
  FetchScheduler& operator=(const FetchScheduler&) = delete;

  /// Nothing is sent before the next Advance().
  void Submit(FetchJob job, TimePoint now);
  /// Drops every job; no result for them will be returned. The token and the breaker are kept.
  void CancelAll();
  /// Takes the transport's replies, starts what is due, returns what ended since the last call.
  std::vector<FetchResult> Advance(TimePoint now);
  /// When Advance must be called again even if no reply comes and nothing is submitted.
  /// TimePoint::max(): never.
  [[nodiscard]] TimePoint NextDue(TimePoint now) const;
  /// False while the breaker is open, but for the one callback that it needs to probe with.
  /// To be asked before each Submit.
  [[nodiscard]] bool WantsIntake() const;
  /// Jobs in hand: submitted and not yet returned or cancelled.
  [[nodiscard]] std::size_t pending() const;
  [[nodiscard]] bool breaker_open() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace consumer
