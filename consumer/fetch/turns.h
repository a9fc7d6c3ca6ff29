#pragma once

#include <algorithm>
#include <chrono>
#include <optional>

#include "consumer/fetch/api_gate.h"
#include "consumer/fetch/fetch_job.h"
#include "consumer/fetch/job_queue.h"

namespace consumer {

/// Decides which job is fetched next.
///
///   breaker closed   the ready jobs, oldest first. After a failure the newest first: jobs that
///                    arrived together may fail together, and another one tells more of the host.
///                    Every eighth start is for a job with trouble of its own. While some requests
///                    are slow, newly taken-in jobs get every second turn, and reserved places.
///                    While two resources hold the host, one newly taken-in job may try.
///   breaker open     one job at a time: alternately one that was tried before, and the newest one
///                    that was never tried. Every second sample (see CircuitBreaker) is any
///                    untried job
///
/// While the breaker is open, the jobs in hand may be the only ones that fail. So callbacks are
/// taken in for each fresh probe, a tenth more than for the previous one. Then n callbacks that
/// cannot be fetched hide the others for some 24 * ln(n / 10) probes instead of n, and in an outage
/// of minutes most callbacks stay in Kafka. For each sample ten times as many are taken in: n
/// callbacks hide the others for log10(n) samples.
///
/// Lifetime: refers to the jobs and the gate.
/// Time:     an argument.
class Turns {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  enum class Turn { kReady, kFresh, kTroubled, kFreshProbe, kOtherProbe };

  Turns(JobQueue& jobs, ApiGate& gate) : jobs_(jobs), gate_(gate) {}

  [[nodiscard]] static ApiGate::Share ShareOf(Turn turn) {
    if (turn == Turn::kTroubled) return ApiGate::Share::kTroubled;
    const bool is_fresh = turn == Turn::kFresh || turn == Turn::kFreshProbe;
    return is_fresh ? ApiGate::Share::kFresh : ApiGate::Share::kBacklog;
  }
  /// None: no job may start now.
  [[nodiscard]] std::optional<Turn> Next(TimePoint now) const;
  /// Precondition: Next() returned `turn`.
  FetchTask& Take(Turn turn, TimePoint now);
  /// When Next() may return a turn, as far as is known now; TimePoint::max(): never.
  [[nodiscard]] TimePoint NextDue(TimePoint now) const;

  /// The queue has a new job that can be tried.
  void JobAdded();
  /// Requests another fresh callback if the one for the next probe was cancelled, or tried
  /// otherwise. Otherwise the breaker might never close.
  [[nodiscard]] bool WantsIntake() const {
    return !is_open() || !jobs_.HasUntried() || taken_in_ + 1 <= to_take_in_;
  }

  /// The request of a job ended. True if it was the probe.
  bool Ended(JobId id);
  /// The request ended without an answer: another probe may start after a period.
  void Cancelled(JobId id) { static_cast<void>(Ended(id)); }
  /// The answer was judged. `was_open`: whether the breaker was open until then.
  void Judged(bool was_probe, bool was_open);
  void Clear();

 private:
  static constexpr double kGrowth = 1.1;
  static constexpr double kGrowthOfSamples = 10;
  static constexpr double kMostToTakeIn = 1e7;  ///< More jobs than any lane has in hand.

  [[nodiscard]] bool is_open() const { return gate_.breaker().is_open(); }
  [[nodiscard]] bool HasFresh() const {
    return (taken_in_ > 0 || gate_.breaker().IsSampling()) && jobs_.HasUntried();
  }
  FetchTask& TakeFreshProbe();
  /// True if a newly taken-in job may start before the other ready ones.
  [[nodiscard]] bool HasPreferred(TimePoint now) const;
  void Restart();
  [[nodiscard]] std::optional<Turn> NextProbe(TimePoint now) const;
  [[nodiscard]] TimePoint NextProbeDue() const;

  JobQueue& jobs_;
  ApiGate& gate_;
  std::optional<JobId> probe_;  ///< The probe in flight while the breaker is open.
  bool is_probe_fresh_ = false;
  bool is_probe_sample_ = false;
  unsigned samples_ = 0;
  bool is_turn_of_fresh_ = false;
  double taken_in_ = 0;  ///< For the next fresh probe, while the breaker is open.
  double to_take_in_ = 1;
};

}  // namespace consumer
