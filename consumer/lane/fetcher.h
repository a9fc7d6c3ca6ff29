#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <unordered_set>
#include <vector>

#include "consumer/fetch/fetch_job.h"
#include "consumer/fetch/fetch_scheduler.h"

namespace consumer {

/// The lane's port to fetching. A job goes to the scheduler of its account.
///
/// Threads: confined to the lane.
class Fetcher {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  virtual ~Fetcher() = default;
  virtual void Submit(FetchJob job, TimePoint now) = 0;
  virtual void CancelAll() = 0;
  virtual void Cancel(const std::unordered_set<JobId>& ids) = 0;
  virtual std::vector<FetchResult> Advance(TimePoint now) = 0;
  [[nodiscard]] virtual TimePoint NextDue(TimePoint now) const = 0;
  /// True if an account wants callbacks. Those of the others come along, because nobody knows whose
  /// the next one is.
  [[nodiscard]] virtual bool WantsIntake() const = 0;
  /// True if a look may start: the breaker is closed, or nothing else can probe.
  [[nodiscard]] virtual bool MayLook(AccountIndex account) const = 0;
  /// The earliest of the open breakers' next probes, see FetchScheduler::NextProbe().
  [[nodiscard]] virtual std::optional<TimePoint> NextProbe(TimePoint now) const = 0;
};

/// One scheduler for each account: an account has its own token, breaker, places and clock.
///
/// Lifetime: the schedulers must outlive it.
class ScheduledFetcher final : public Fetcher {
 public:
  explicit ScheduledFetcher(FetchScheduler& only) : schedulers_{&only} {}
  /// By account; at least one.
  explicit ScheduledFetcher(std::vector<FetchScheduler*> schedulers)
      : schedulers_(std::move(schedulers)) {}

  void Submit(FetchJob job, TimePoint now) override;
  void CancelAll() override;
  void Cancel(const std::unordered_set<JobId>& ids) override;
  std::vector<FetchResult> Advance(TimePoint now) override;
  [[nodiscard]] TimePoint NextDue(TimePoint now) const override;
  [[nodiscard]] bool WantsIntake() const override;
  [[nodiscard]] bool MayLook(AccountIndex account) const override;
  [[nodiscard]] std::optional<TimePoint> NextProbe(TimePoint now) const override;

 private:
  std::vector<FetchScheduler*> schedulers_;
};

}  // namespace consumer
