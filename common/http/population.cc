#include "common/http/population.h"

#include <chrono>
#include <utility>

namespace common::http {

Population::Population(std::size_t listeners, std::function<void()> wake_workers)
    : listeners_(listeners), wake_workers_(std::move(wake_workers)), idle_(listeners) {}

void Population::Closed() {
  if (open_.fetch_sub(1) == 1) NotifyIfEmpty();
}

void Population::ListenerClosed() {
  if (listeners_.fetch_sub(1) != 1) return;
  wake_workers_();
  NotifyIfEmpty();
}

MakesRoom IdleShare::Judge(IdleConnections::TimePoint now, std::size_t many) const {
  constexpr std::chrono::seconds kLongSilence{1};
  const bool has_silent = silent.size() > 0;
  if (has_silent && (silent.size() >= many || now - silent.oldest_since() >= kLongSilence)) {
    return MakesRoom::kSilent;
  }
  if (kept.size() > 0) return MakesRoom::kKept;
  return has_silent ? MakesRoom::kFreshSilent : MakesRoom::kNobody;
}

std::optional<std::uint32_t> Population::FindIdleWorker(std::uint32_t own,
                                                        IdleConnections::TimePoint now,
                                                        std::size_t many) const {
  std::uint32_t best = own;
  MakesRoom judged = idle_[own].Judge(now, many);
  for (std::uint32_t worker = 0; worker < idle_.size(); ++worker) {
    const MakesRoom its = idle_[worker].Judge(now, many);
    if (its <= judged) continue;
    best = worker;
    judged = its;
  }
  return judged == MakesRoom::kNobody ? std::nullopt : std::optional(best);
}

void Population::AskToEvict(std::uint32_t worker) {
  idle_[worker].evictions_asked.fetch_add(1);
  wake_workers_();
}

std::uint64_t Population::TakeEvictionsAsked(std::uint32_t worker) {
  if (idle_[worker].evictions_asked.load(std::memory_order_relaxed) == 0) return 0;
  return idle_[worker].evictions_asked.exchange(0);
}

void Population::NotifyIfEmpty() {
  if (!IsEmpty()) return;
  const std::lock_guard lock(mutex_);  // or the waiter could miss it between its look and its wait
  emptied_.notify_all();
}

bool Population::WaitUntilEmpty(Deadline deadline) {
  std::unique_lock lock(mutex_);
  return emptied_.wait_until(lock, deadline.at(), [this] { return IsEmpty(); });
}

}  // namespace common::http
