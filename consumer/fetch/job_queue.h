#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <queue>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "common/domain/ids.h"
#include "consumer/fetch/attempt_result.h"
#include "consumer/fetch/fetch_job.h"

namespace consumer {

/// A job and how far it has come.
struct FetchTask {
  FetchJob job;
  Resource step = Resource::kProcess;  ///< What the next attempt, or the one under way, is for.
  std::optional<std::string> process;  ///< Once fetched.

  int attempts = 0;
  int retries = 0;
  int unreadable = 0;  ///< Answers that were no JSON object.
  /// By the clock that rests while the breaker is open.
  std::optional<std::chrono::steady_clock::duration> first_attempt;
  int last_status = 0;
  std::string last_trace_id;

  std::chrono::steady_clock::time_point started;  ///< The attempt under way.
  std::uint64_t token_generation = 0;             ///< What it was sent with.
  bool has_renewed_token = false;                 ///< A 401 was answered with a new token.

  std::optional<JobId> next_of_process;
};

/// The jobs in hand, and where each of them is:
///
///   Add ─► behind an earlier job of its process ─► ready ⇄ taken ─► removed
///                                                    ▲       │
///                                                    └─ delayed
class JobQueue {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  FetchTask& Add(FetchJob job);
  /// Null: not in hand (any more).
  [[nodiscard]] FetchTask* Find(JobId id);
  /// Lets the next job of its process go on. Precondition: the job is taken.
  void Remove(JobId id);
  void Clear();
  [[nodiscard]] std::size_t size() const { return tasks_.size(); }

  [[nodiscard]] bool HasReady() const { return !ready_.empty(); }
  [[nodiscard]] bool HasReadyOrDelayed() const { return HasReady() || !delayed_.empty(); }
  /// The job that is ready first or, if none is, the one that is delayed least.
  /// Precondition: HasReadyOrDelayed().
  FetchTask& TakeFirst();

  /// The following put a taken job back.
  void PutFirst(const FetchTask& task) { ready_.push_front(task.job.id); }
  void Delay(const FetchTask& task, TimePoint due) { delayed_.emplace(due, task.job.id); }

  [[nodiscard]] std::optional<TimePoint> NextDelayed() const;
  void MoveDue(TimePoint now);

 private:
  using Delayed = std::pair<TimePoint, JobId>;

  std::unordered_map<JobId, FetchTask> tasks_;
  std::unordered_map<common::ProcessId, JobId> last_of_process_;
  std::deque<JobId> ready_;
  std::priority_queue<Delayed, std::vector<Delayed>, std::greater<>> delayed_;
};

}  // namespace consumer
