#include "consumer/fetch/turns.h"

#include <cmath>

namespace consumer {

using Share = ApiGate::Share;

std::optional<Turns::Turn> Turns::Next(TimePoint now) const {
  if (is_open()) return NextProbe(now);
  const auto may_start = [&](Share share) {
    const auto start = gate_.NextStart(share, now);
    return start && *start <= now;
  };
  const bool ready = jobs_.HasReady() && may_start(Share::kBacklog);
  const bool fresh = (!ready || is_turn_of_fresh_) && HasPreferred(now) && may_start(Share::kFresh);
  const bool troubled = jobs_.HasTroubled() && may_start(Share::kTroubled);
  if (troubled && (!(ready || fresh) || jobs_.IsTroubledTurn())) return Turn::kTroubled;
  if (fresh) return Turn::kFresh;
  return ready ? std::optional(Turn::kReady) : std::nullopt;
}

bool Turns::HasPreferred(TimePoint now) const {
  const auto since = gate_.FreshSince(now);
  if (!since) return false;
  return jobs_.HasNextSince(*since) || jobs_.HasUntriedSince(*since);
}

std::optional<Turns::Turn> Turns::NextProbe(TimePoint now) const {
  if (probe_ || gate_.NextProbe(HasFresh()) > now) return std::nullopt;
  const bool is_held = gate_.IsHeld(now);
  const bool is_turn_of_fresh = is_held || gate_.breaker().next_fresh_probe() <= now;
  if (is_turn_of_fresh && jobs_.HasUntried()) return Turn::kFreshProbe;
  return jobs_.HasProbeCandidate() && !is_held ? std::optional(Turn::kOtherProbe) : std::nullopt;
}

FetchTask& Turns::Take(Turn turn, TimePoint now) {
  is_turn_of_fresh_ = turn == Turn::kReady;
  if (turn == Turn::kReady) return jobs_.TakeReady(gate_.IsInDoubt());
  if (turn == Turn::kFresh) return jobs_.TakeSince(*gate_.FreshSince(now));
  if (turn == Turn::kTroubled) return jobs_.TakeTroubled();
  is_probe_fresh_ = turn == Turn::kFreshProbe;
  is_probe_sample_ = is_probe_fresh_ && gate_.breaker().IsSampling();
  FetchTask& task = is_probe_fresh_ ? TakeFreshProbe() : jobs_.TakeProbeCandidate();
  gate_.ProbeStarted(
      is_probe_fresh_ ? CircuitBreaker::Probe::kFresh : CircuitBreaker::Probe::kOther, now);
  probe_ = task.job.id;
  return task;
}

// The newest may all have come together, too.
FetchTask& Turns::TakeFreshProbe() {
  constexpr double kGoldenRatio = 0.618;  // Its multiples lie far from each other.
  taken_in_ = 0;
  if (!is_probe_sample_ || ++samples_ % 2 == 1) return jobs_.TakeNewest();
  return jobs_.TakeAt(std::fmod(samples_ * kGoldenRatio, 1.0));
}

Turns::TimePoint Turns::NextDue(TimePoint now) const {
  if (is_open()) return NextProbeDue();
  TimePoint due = TimePoint::max();
  const auto consider = [&](bool is_waiting, Share share) {
    const auto start = gate_.NextStart(share, now);
    if (is_waiting && start) due = std::min(due, *start);
  };
  consider(jobs_.HasReady(), Share::kBacklog);
  consider(HasPreferred(now), Share::kFresh);
  consider(jobs_.HasTroubled(), Share::kTroubled);
  // A job that comes due may still have to wait, but then it is no longer delayed.
  if (const auto delayed = jobs_.NextDelayed()) due = std::min(due, std::max(now, *delayed));
  return due;
}

Turns::TimePoint Turns::NextProbeDue() const {
  if (probe_) return TimePoint::max();
  const TimePoint next = gate_.NextProbe(HasFresh());
  if (jobs_.HasProbeCandidate()) return next;
  const auto held = jobs_.NextHeld();
  return held ? std::max(next, *held) : TimePoint::max();
}

void Turns::JobAdded() {
  if (is_open()) ++taken_in_;
}

bool Turns::Ended(JobId id) {
  if (probe_ != id) return false;
  probe_.reset();
  return true;
}

void Turns::Judged(bool was_probe, bool was_open) {
  if (was_open != is_open()) {
    Restart();
  } else if (was_probe && is_probe_fresh_ && is_open()) {
    const double growth = is_probe_sample_ ? kGrowthOfSamples : kGrowth;
    to_take_in_ = std::min(growth * to_take_in_, kMostToTakeIn);
  }
}

void Turns::Clear() {
  probe_.reset();
  Restart();
}

void Turns::Restart() {
  taken_in_ = 0;
  to_take_in_ = 1;
}

}  // namespace consumer
