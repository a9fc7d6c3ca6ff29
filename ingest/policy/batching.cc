#include "ingest/policy/batching.h"

#include <algorithm>

namespace ingest {

void WaitingPeak::Note(std::size_t waiting, TimePoint now) {
  if (now >= end_) {
    previous_ = now < end_ + window_ ? current_ : 0;
    current_ = 0;
    end_ = now + window_;
  }
  current_ = std::max(current_, waiting);
}

std::size_t WaitingPeak::value() const { return std::max(current_, previous_); }

std::chrono::milliseconds MaxDelay::For(std::size_t partitions) const {
  constexpr std::size_t kMany = 48;
  const auto delay = std::chrono::milliseconds(std::min(partitions, kMany) * 5 / 4);
  return std::clamp(delay, with_few, with_many);
}

BatchVerdict JudgeBatch(const BatchSituation& situation, const BatchBounds& bounds) {
  const std::size_t waiting = situation.held + situation.in_hand;
  if (waiting >= situation.peak) return {.must_send = true, .is_closed_loop = true};
  const bool is_closed_loop = situation.is_closed_loop && 2 * waiting > situation.peak;
  const bool are_enough = situation.held >= bounds.enough_records * situation.partitions ||
                          situation.held_bytes >= bounds.enough_bytes;
  return {.must_send = are_enough || is_closed_loop, .is_closed_loop = is_closed_loop};
}

}  // namespace ingest
