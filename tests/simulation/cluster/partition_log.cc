#include "tests/simulation/cluster/partition_log.h"

#include <algorithm>
#include <utility>

namespace simulation {

Offset PartitionLog::stable_end() const {
  Offset stable = end();
  for (const auto& [id, state] : producers_) {
    if (state.open_at) stable = std::min(stable, *state.open_at);
  }
  return stable;
}

Offset PartitionLog::FirstAt(WallTime time) const {
  const auto found = std::find_if(entries_.begin(), entries_.end(),
                                  [&](const Entry& entry) { return entry.time >= time; });
  return found == entries_.end() ? -1 : found->offset;
}

void PartitionLog::Append(Entry entry) {
  entry.offset = end();
  entries_.push_back(std::move(entry));
}

bool PartitionLog::IsOpen(ProducerId id) const {
  const auto found = producers_.find(id);
  return found != producers_.end() && found->second.open_at.has_value();
}

Code PartitionLog::AppendTransactional(Producer producer, int sequence, std::vector<Entry> batch) {
  State& state = producers_[producer.id];
  if (producer.epoch < state.epoch) return Code::kInvalidProducerEpoch;
  if (producer.epoch > state.epoch) {
    if (sequence != 0) return Code::kOutOfOrderSequence;
    state.epoch = producer.epoch;
    state.next_sequence = 0;
  }
  if (sequence < state.next_sequence) return Code::kNone;  // Written before: answered as then.
  if (sequence > state.next_sequence) return Code::kOutOfOrderSequence;
  state.next_sequence += static_cast<int>(batch.size());
  if (!state.open_at) state.open_at = end();
  for (Entry& entry : batch) {
    entry.producer = producer.id;
    entry.fate = Fate::kOpen;
    Append(std::move(entry));
  }
  return Code::kNone;
}

std::vector<Offset> PartitionLog::End(Producer producer, bool is_commit, WallTime now) {
  State& state = producers_[producer.id];
  std::vector<Offset> ended;
  if (producer.epoch < state.epoch) return ended;
  state.epoch = producer.epoch;
  if (state.open_at) {
    for (Offset at = std::max(*state.open_at, begin_); at < end(); ++at) {
      Entry& entry = entries_[static_cast<std::size_t>(at - begin_)];
      if (entry.producer != producer.id || entry.fate != Fate::kOpen) continue;
      entry.fate = is_commit ? Fate::kCommitted : Fate::kAborted;
      ended.push_back(at);
    }
  }
  state.open_at.reset();
  Append({.is_control = true,
          .producer = producer.id,
          .time = now,
          .key = {},
          .value = {},
          .headers = {}});
  return ended;
}

void PartitionLog::DeleteBefore(Offset offset) {
  while (begin_ < std::min(offset, stable_end())) {
    entries_.pop_front();
    ++begin_;
  }
}

void PartitionLog::Truncate(Offset offset) {
  while (end() > std::max(offset, begin_)) entries_.pop_back();
  cuts_.push_back(end());
}

std::optional<Offset> PartitionLog::LowestCutSince(std::size_t cut) const {
  if (cut >= cuts_.size()) return std::nullopt;
  return *std::min_element(cuts_.begin() + static_cast<std::ptrdiff_t>(cut), cuts_.end());
}

void PartitionLog::Recreate() {
  entries_.clear();
  producers_.clear();
  begin_ = 0;
}

}  // namespace simulation
