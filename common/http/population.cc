#include "common/http/population.h"

namespace common::http {

void Population::Closed() {
  if (open_.fetch_sub(1) == 1) NotifyIfEmpty();
}

void Population::ListenerClosed() {
  if (listeners_.fetch_sub(1) != 1) return;
  on_listeners_closed_();
  NotifyIfEmpty();
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
