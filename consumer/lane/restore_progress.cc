#include "consumer/lane/restore_progress.h"

namespace consumer {

void RestoreProgress::Begin(const std::vector<Partition>& partitions, TimePoint now) {
  states_.clear();
  for (const Partition partition : partitions) states_[partition].moved_at = now;
}

void RestoreProgress::Awaits(Partition partition, Awaiting awaiting, Offset at) {
  const auto found = states_.find(partition);
  if (found == states_.end()) return;
  found->second.awaiting = awaiting;
  found->second.at = at;
}

void RestoreProgress::Reached(Partition partition, Offset offset, TimePoint now) {
  const auto found = states_.find(partition);
  if (found == states_.end() || offset <= found->second.reached) return;
  found->second.reached = offset;
  found->second.moved_at = now;
}

std::vector<StuckRestore> RestoreProgress::Stuck(TimePoint now,
                                                 std::chrono::milliseconds patience) const {
  std::vector<StuckRestore> stuck;
  for (const auto& [partition, state] : states_) {
    if (now - state.moved_at < patience) continue;
    stuck.push_back({partition, state.awaiting, state.at, now - state.moved_at});
  }
  return stuck;
}

}  // namespace consumer
