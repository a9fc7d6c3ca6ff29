#pragma once

#include <algorithm>
#include <chrono>
#include <optional>

#include "consumer/fetch/api_gate.h"
#include "consumer/fetch/fetch_job.h"
#include "consumer/fetch/job_queue.h"

namespace consumer {

/// Whose turn it is to be fetched.
///
///   breaker closed   the ready ones, the oldest first, but the newest after a failure: those that
///                    came together may fail together, and others tell more of the host;
///                    every eighth start is for one with trouble of its own; while some are
///                    slow, those taken in just now have every second turn and places of their
///                    own; while two resources hold the host, one taken in since then may try
///   breaker open     one at a time: in turns one that was tried before and the newest that was
///                    never tried
///
/// While the breaker is open, what is in hand may be all that fails. So callbacks are taken in for
/// each fresh probe, and a tenth more for it than for the one before: n that cannot be had hide the
/// others for some 24 * ln(n / 10) probes and not for n, and in an outage of minutes what waits
/// stays in Kafka.
///
/// Lifetime: refers to the jobs and the gate.
/// Time:     an argument.
class Turns {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  enum class Turn { kReady, kFresh, kTroubled, kFreshProbe, kOtherProbe };

  Turns(JobQueue& jobs, ApiGate& gate) : jobs_(jobs), gate_(gate) {}

  /// Of the requests under way.
  [[nodiscard]] static ApiGate::Share ShareOf(Turn turn) {
    if (turn == Turn::kTroubled) return ApiGate::Share::kTroubled;
    const bool is_fresh = turn == Turn::kFresh || turn == Turn::kFreshProbe;
    return is_fresh ? ApiGate::Share::kFresh : ApiGate::Share::kBacklog;
  }
  /// None: nobody may start now.
  [[nodiscard]] std::optional<Turn> Next(TimePoint now) const;
  /// Precondition: it is its turn.
  FetchTask& Take(Turn turn, TimePoint now);
  /// When Next() may say somebody, for all that is known now; TimePoint::max(): never.
  [[nodiscard]] TimePoint NextDue(TimePoint now) const;

  /// A job was taken in that can be tried.
  void TakenIn();
  [[nodiscard]] bool WantsIntake() const { return !is_open() || taken_in_ + 1 <= to_take_in_; }

  /// The request of a job has ended: whether it was the probe.
  bool Ended(JobId id);
  /// It has ended without an answer: another one may probe, after a period.
  void Cancelled(JobId id) { static_cast<void>(Ended(id)); }
  /// … and that was judged, with the breaker open until then or not.
  void Judged(bool was_probe, bool was_open);
  void Clear();

 private:
  static constexpr double kGrowth = 1.1;
  static constexpr double kMostToTakeIn = 1e7;  ///< More than anybody has in hand.

  [[nodiscard]] bool is_open() const { return gate_.breaker().is_open(); }
  [[nodiscard]] bool HasFresh() const { return taken_in_ > 0 && jobs_.HasUntried(); }
  /// Whether somebody may start before the others that are ready.
  [[nodiscard]] bool HasPreferred(TimePoint now) const;
  void BeginAnew();
  [[nodiscard]] std::optional<Turn> NextProbe(TimePoint now) const;
  [[nodiscard]] TimePoint NextProbeDue() const;

  JobQueue& jobs_;
  ApiGate& gate_;
  std::optional<JobId> probe_;  ///< Under way while the breaker is open.
  bool is_probe_fresh_ = false;
  bool is_turn_of_fresh_ = false;
  double taken_in_ = 0;  ///< For the next fresh probe, while the breaker is open.
  double to_take_in_ = 1;
};

}  // namespace consumer
