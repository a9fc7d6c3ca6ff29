#include "consumer/lane/fetcher.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace consumer {

void ScheduledFetcher::Submit(FetchJob job, TimePoint now) {
  FetchScheduler& scheduler = *schedulers_.at(job.account);
  scheduler.Submit(std::move(job), now);
}

void ScheduledFetcher::CancelAll() {
  for (FetchScheduler* scheduler : schedulers_) scheduler->CancelAll();
}

void ScheduledFetcher::Cancel(const std::unordered_set<JobId>& ids) {
  for (FetchScheduler* scheduler : schedulers_) scheduler->Cancel(ids);
}

std::vector<FetchResult> ScheduledFetcher::Advance(TimePoint now) {
  std::vector<FetchResult> results;
  for (FetchScheduler* scheduler : schedulers_) {
    std::vector<FetchResult> some = scheduler->Advance(now);
    if (results.empty()) {
      results = std::move(some);
    } else {
      std::ranges::move(some, std::back_inserter(results));
    }
  }
  return results;
}

Fetcher::TimePoint ScheduledFetcher::NextDue(TimePoint now) const {
  TimePoint next = TimePoint::max();
  for (const FetchScheduler* scheduler : schedulers_) {
    next = std::min(next, scheduler->NextDue(now));
  }
  return next;
}

bool ScheduledFetcher::WantsIntake() const {
  return std::ranges::any_of(schedulers_, [](const auto* one) { return one->WantsIntake(); });
}

bool ScheduledFetcher::MayLook(AccountIndex account) const {
  const FetchScheduler& scheduler = *schedulers_.at(account);
  return !scheduler.breaker_open() || scheduler.pending() == 0;
}

std::optional<Fetcher::TimePoint> ScheduledFetcher::NextProbe(TimePoint now) const {
  std::optional<TimePoint> next;
  for (const FetchScheduler* scheduler : schedulers_) {
    const auto probe = scheduler->NextProbe(now);
    if (probe) next = std::min(next.value_or(*probe), *probe);
  }
  return next;
}

}  // namespace consumer
