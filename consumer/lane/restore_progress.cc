#include "consumer/lane/restore_progress.h"

#include <algorithm>

namespace consumer {

void RestoreProgress::Begin(const std::vector<Partition>& partitions, TimePoint now) {
  std::erase_if(states_, [&](const auto& entry) {
    return std::find(partitions.begin(), partitions.end(), entry.first) == partitions.end();
  });
  for (const Partition partition : partitions) {
    states_.try_emplace(partition, State{.moved_at = now});
  }
}

void RestoreProgress::Awaits(Partition partition, Awaiting awaiting, std::optional<Offset> at) {
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
