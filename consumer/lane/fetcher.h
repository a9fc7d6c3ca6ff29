#pragma once

#include <chrono>
#include <cstddef>
#include <unordered_set>
#include <vector>

#include "consumer/fetch/fetch_job.h"
#include "consumer/fetch/fetch_scheduler.h"

namespace consumer {

/// The lane's port to fetching; the members are those of FetchScheduler.
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
  [[nodiscard]] virtual bool WantsIntake() const = 0;
  [[nodiscard]] virtual std::size_t pending() const = 0;
  [[nodiscard]] virtual bool breaker_open() const = 0;
};

/// Lifetime: the scheduler must outlive it.
class ScheduledFetcher final : public Fetcher {
 public:
  explicit ScheduledFetcher(FetchScheduler& scheduler) : scheduler_(scheduler) {}

  void Submit(FetchJob job, TimePoint now) override { scheduler_.Submit(std::move(job), now); }
  void CancelAll() override { scheduler_.CancelAll(); }
  void Cancel(const std::unordered_set<JobId>& ids) override { scheduler_.Cancel(ids); }
  std::vector<FetchResult> Advance(TimePoint now) override { return scheduler_.Advance(now); }
  [[nodiscard]] TimePoint NextDue(TimePoint now) const override { return scheduler_.NextDue(now); }
  [[nodiscard]] bool WantsIntake() const override { return scheduler_.WantsIntake(); }
  [[nodiscard]] std::size_t pending() const override { return scheduler_.pending(); }
  [[nodiscard]] bool breaker_open() const override { return scheduler_.breaker_open(); }

 private:
  FetchScheduler& scheduler_;
};

}  // namespace consumer
