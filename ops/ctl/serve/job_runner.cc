#include "ops/ctl/serve/job_runner.h"

#include <algorithm>
#include <utility>

namespace ctl {

using std::chrono::steady_clock;

JobRunner::JobRunner(std::size_t most, std::chrono::milliseconds limit)
    : limit_(limit),
      slots_(most),
      watch_([this](const std::stop_token& end) { StopLateJobs(end); }) {}

JobRunner::~JobRunner() {
  while (!End(common::Deadline::After(std::chrono::hours(1)))) {
  }
}

bool JobRunner::Start(Job job, std::uint64_t name) {
  const std::lock_guard lock(mutex_);
  const auto free = std::ranges::find(slots_, false, &Slot::is_busy);
  if (has_ended_ || free == slots_.end()) return false;
  Slot& slot = *free;
  // The previous thread of the slot has nothing left to do but to end, so this does not wait.
  slot.thread = std::jthread(
      [this, &slot, job = std::move(job)](const std::stop_token& stop) { Run(slot, job, stop); });
  slot.due = steady_clock::now() + limit_;
  slot.is_busy = true;
  slot.name = name;
  return true;
}

void JobRunner::Stop(std::uint64_t name) {
  const std::lock_guard lock(mutex_);
  for (Slot& slot : slots_) {
    if (slot.is_busy && slot.name == name) slot.thread.request_stop();
  }
}

void JobRunner::Run(Slot& slot, const Job& job, const std::stop_token& stop) {
  try {
    job(stop);
  } catch (...) {  // NOLINT(bugprone-empty-catch): see Job.
  }
  const std::lock_guard lock(mutex_);
  slot.is_busy = false;
  changed_.notify_all();
}

void JobRunner::StopLateJobs(const std::stop_token& end) {
  std::unique_lock lock(mutex_);
  while (!end.stop_requested()) {
    const auto now = steady_clock::now();
    auto next = now + limit_;
    for (Slot& slot : slots_) {
      if (!slot.is_busy) continue;
      if (slot.due <= now) {
        slot.thread.request_stop();
      } else {
        next = std::min(next, slot.due);
      }
    }
    changed_.wait_until(lock, end, next, [] { return false; });
  }
}

bool JobRunner::IsIdle() const { return std::ranges::none_of(slots_, &Slot::is_busy); }

bool JobRunner::End(common::Deadline deadline) {
  std::unique_lock lock(mutex_);
  has_ended_ = true;
  for (Slot& slot : slots_) slot.thread.request_stop();
  return changed_.wait_until(lock, deadline.at(), [this] { return IsIdle(); });
}

}  // namespace ctl
