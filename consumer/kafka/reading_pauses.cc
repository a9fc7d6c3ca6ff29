#include "consumer/kafka/reading_pauses.h"

#include <algorithm>

namespace consumer {
namespace {

/// While no broker answers the looks; the newest ones count.
constexpr std::size_t kMostPending = 16;

}  // namespace

void ReadingPauses::Saw(Partition partition, const std::optional<common::OffsetWitness>& last,
                        TimePoint now) {
  State& state = partitions_[partition];
  if (last != state.last) {
    state.last = last;
    state.since = now;
    state.is_noted = false;
    return;
  }
  if (!last || state.is_noted || now - state.since < kPause) return;
  state.is_noted = true;
  state.pending.push_back(*last);
  if (state.pending.size() > kMostPending) state.pending.erase(state.pending.begin());
}

std::map<Partition, ReadingPauses::Witnesses> ReadingPauses::Pending() const {
  std::map<Partition, Witnesses> pending;
  for (const auto& [partition, state] : partitions_) {
    if (!state.pending.empty()) pending[partition] = state.pending;
  }
  return pending;
}

void ReadingPauses::Checked(Partition partition, const Witnesses& witnesses) {
  const auto found = partitions_.find(partition);
  if (found == partitions_.end()) return;
  std::erase_if(found->second.pending, [&](const common::OffsetWitness& one) {
    return std::ranges::find(witnesses, one) != witnesses.end();
  });
}

}  // namespace consumer
