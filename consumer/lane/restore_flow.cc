#include "consumer/lane/restore_flow.h"

#include <algorithm>
#include <utility>

namespace consumer {

void RestoreFlow::Begin(const std::vector<Partition>& assigned, bool is_blocked, TimePoint now) {
  std::erase_if(went_back_, [&](Partition partition) {
    return std::ranges::find(assigned, partition) == assigned.end();
  });
  began_at_ = now;
  goes_on_ = false;
  // The restorer may be about to hand over results for tasks that have just ended.
  if (is_blocked) Cancel();
  is_due_ = true;
}

void RestoreFlow::BeginSome(bool is_restoring, TimePoint now) {
  if (!is_restoring) began_at_ = now;
  ++epoch_;  // The restorer may be about to hand over a result for a task that has just ended.
  goes_on_ = true;
  is_due_ = true;
}

void RestoreFlow::Steer(bool is_blocked, const Tasks& tasks) {
  if (!is_due_ || is_blocked) return;
  is_due_ = false;
  RestoreOrder order{.partitions = {}, .epoch = ++epoch_, .from_begin = went_back_};
  for (const auto& [partition, task] : tasks) {
    const bool is_running = task.state() == Task::State::kRunning;
    (is_running ? order.running : order.partitions).push_back(partition);
  }
  order.goes_on = goes_on_;
  restorer_.Restore(std::move(order));
}

void RestoreFlow::Cancel() {
  is_due_ = false;
  restorer_.Restore({.partitions = {}, .epoch = ++epoch_});
}

}  // namespace consumer
