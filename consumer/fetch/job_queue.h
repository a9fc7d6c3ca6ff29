#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <queue>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "common/base/rfc3339.h"
#include "common/domain/ids.h"
#include "consumer/fetch/attempt_result.h"
#include "consumer/fetch/fetch_job.h"
#include "consumer/policy/failure_spell.h"

namespace consumer {

/// A job and its progress.
struct FetchTask {
  FetchJob job;
  std::chrono::steady_clock::time_point taken_in;
  Resource step = Resource::kProcess;               ///< Of the next attempt or the one in flight.
  std::optional<std::string> process;               ///< Once fetched.
  std::optional<std::string> process_status = {};   ///< Once fetched, by a look.
  std::optional<common::WallTime> updated_at = {};  ///< The same.

  int attempts = 0;
  std::chrono::steady_clock::time_point began;  ///< The first attempt. Set if attempts > 0.
  int retries = 0;
  int unreadable = 0;  ///< Answers that were not a JSON object.
  /// By the clock that stops while the breaker is open.
  std::optional<std::chrono::steady_clock::duration> first_attempt;
  /// The failed attempt before the one in flight.
  std::optional<std::chrono::steady_clock::time_point> failed_at;
  int last_status = 0;
  std::string last_trace_id;

  FailureSpell::Record failures;     ///< Answers against the host since a good one.
  FailureSpell::Record congestions;  ///< Answers that asked for less load since one that did not.

  std::chrono::steady_clock::time_point started;  ///< The attempt in flight.
  bool has_started_troubled = false;              ///< In the turn of jobs with own trouble.
  std::uint64_t token_generation = 0;             ///< Of the token it was sent with.
  bool has_renewed_token = false;                 ///< A 401 led to a new token.
  bool is_refused_anyway = false;                 ///< … which was refused too, once.

  std::optional<JobId> next_of_process;
};

/// The jobs in hand and their states:
///
///   Add ─► behind an earlier job of its process ─► untried ─► taken ─► removed
///                                                  ready ──────▲ │
///                                                  troubled ───┘ └─► delayed ─► ready or troubled
///
/// Untried jobs, retried jobs and jobs with trouble of their own take turns, so that no kind waits
/// for all jobs of another.
class JobQueue {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  using IsTroubled = std::function<bool(const FetchTask&)>;
  enum class Delay {
    kBackoff,  ///< A probe may come earlier.
    kHold,     ///< A Retry-After: no request may.
  };

  /// True if the job can be tried now: no earlier one of its process is in hand.
  bool Add(FetchJob job, Resource step, TimePoint now);
  /// Null: not in hand (any more).
  [[nodiscard]] FetchTask* Find(JobId id);
  /// Lets the next job of its process start. Precondition: the job is taken.
  void Remove(JobId id);
  void Clear();
  /// Drops these in any state; the next jobs of their processes can start.
  void Drop(const std::unordered_set<JobId>& ids);
  [[nodiscard]] std::size_t size() const { return tasks_.size(); }
  /// Jobs that do not wait for an earlier one of their process.
  [[nodiscard]] std::size_t processes() const { return last_of_process_.size(); }

  [[nodiscard]] bool HasReady() const {
    return !next_.empty() || !untried_.empty() || !ready_.empty();
  }
  [[nodiscard]] bool HasTroubled() const { return !troubled_.empty(); }
  [[nodiscard]] bool HasUntried() const { return !untried_.empty(); }
  [[nodiscard]] bool HasUntriedSince(TimePoint time) const {
    return HasUntried() && tasks_.at(untried_.back()).taken_in >= time;
  }
  /// True if a job taken in since then continues after its first resource.
  [[nodiscard]] bool HasNextSince(TimePoint time) const {
    return std::any_of(next_.begin(), next_.end(),
                       [&](JobId id) { return tasks_.at(id).taken_in >= time; });
  }
  [[nodiscard]] bool HasProbeCandidate() const {
    return HasReady() || HasTroubled() || !delayed_.empty();
  }

  /// True if it is the troubled jobs' turn, given that both they and others may start.
  [[nodiscard]] bool IsTroubledTurn() const;
  /// Preconditions: HasReady(), HasTroubled(), HasUntried() (two), HasProbeCandidate(). `newest`:
  /// the newest untried job, if there is one.
  FetchTask& TakeReady(bool newest);
  FetchTask& TakeTroubled();
  FetchTask& TakeNewest();
  /// The untried job at position `share`: 0 is the oldest, 1 the newest.
  FetchTask& TakeAt(double share);
  /// One that continues, or the newest. Precondition: HasNextSince() or HasUntriedSince().
  FetchTask& TakeSince(TimePoint time);
  /// The job tried longest ago; an untried one only if there is no other.
  FetchTask& TakeProbeCandidate();

  /// These two put a taken job back.
  void PutFirst(const FetchTask& task) { next_.push_front(task.job.id); }
  void Postpone(const FetchTask& task, TimePoint due, Delay delay);

  /// When the next delayed job is due; NextHeld(): of those delayed by a Retry-After.
  [[nodiscard]] std::optional<TimePoint> NextDelayed() const;
  [[nodiscard]] std::optional<TimePoint> NextHeld() const;
  /// `is_troubled`: whether a task has trouble of its own.
  void MoveDue(TimePoint now, const IsTroubled& is_troubled);

 private:
  using Delayed = std::pair<TimePoint, JobId>;
  using DelayedQueue = std::priority_queue<Delayed, std::vector<Delayed>, std::greater<>>;

  FetchTask& Pop(std::deque<JobId>& queue);
  void MoveDue(DelayedQueue& delayed, TimePoint now, const IsTroubled& is_troubled);

  std::unordered_map<JobId, FetchTask> tasks_;
  std::unordered_map<common::ProcessId, JobId> last_of_process_;
  std::deque<JobId> next_;  ///< Continue after their first resource.
  std::deque<JobId> untried_;
  std::deque<JobId> ready_;
  std::deque<JobId> troubled_;
  DelayedQueue delayed_;
  DelayedQueue held_;
  unsigned turn_ = 0;
};

}  // namespace consumer
