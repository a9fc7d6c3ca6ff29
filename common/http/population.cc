#include "common/http/population.h"

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

std::optional<std::uint32_t> Population::FindIdleWorker(std::uint32_t own) const {
  for (const auto list : {&IdleShare::silent, &IdleShare::kept}) {
    if (!(idle_[own].*list).IsEmpty()) return own;
    for (std::uint32_t worker = 0; worker < idle_.size(); ++worker) {
      if (!(idle_[worker].*list).IsEmpty()) return worker;
    }
  }
  return std::nullopt;
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
