#include "ingest/spool/partition_plan.h"

#include <algorithm>
#include <unordered_set>

namespace ingest {
namespace {

using std::chrono::milliseconds;

/// Doubles `first` `times` times, up to `longest`.
milliseconds Doubled(milliseconds first, int times, milliseconds longest) {
  constexpr int kMostDoublings = 16;
  return std::min(first * (1 << std::min(times, kMostDoublings)), longest);
}

/// The plan runs short if less than a quarter of its capacity may go.
constexpr std::size_t kShortPart = 4;

}  // namespace

bool PartitionPlan::IsRunningLow(TimePoint now) const {
  if (queue_.size() >= capacity_) return false;
  const std::size_t enough = is_flowing_ ? std::max<std::size_t>(capacity_ / kShortPart, 1) : 1;
  std::size_t ready = 0;
  for (const Row& row : queue_) {
    const bool is_ready =
        !row.is_in_flight && (is_flowing_ ? row.not_before <= now : row.offers == 0);
    if (is_ready && ++ready == enough) return false;
  }
  return true;
}

void PartitionPlan::Found(const WaitingRow& row) {
  if (!follows_ || row.sequence < known_to_) return;
  if (queue_.size() >= capacity_) {
    known_to_ = row.sequence;
    follows_ = false;
    return;
  }
  queue_.push_back({.row = row});
  known_to_ = row.sequence + 1;
}

void PartitionPlan::EndScan(std::int64_t sequence) {
  if (follows_) known_to_ = std::max(known_to_, sequence + 1);
  follows_ = false;
}

bool PartitionPlan::FoundLate(const WaitingRow& row) {
  // The scan will find it.
  if (row.sequence >= known_to_) return true;
  const auto place = Find(row.sequence);
  if (place != queue_.end() && place->row.sequence == row.sequence) return true;
  // Late rows get additional room: a partition that accepts nothing would never free any.
  if (queue_.size() >= 2 * capacity_) return false;
  queue_.insert(place, {.row = row});
  return true;
}

void PartitionPlan::Pick(TimePoint now, Room& room, std::vector<std::int64_t>& picked) {
  if (alone_ > 0) {
    if (in_flight_ == 0) PickOne(NextSingle(), now, room, picked);
  } else if (is_flowing_) {
    if (!IsSilent(now)) PickMany(now, room, picked);
  } else if (in_flight_ == 0 && now >= next_probe_) {
    PickOne(NextProbe(now), now, room, picked);
  }
}

void PartitionPlan::PickOne(Row* row, TimePoint now, Room& room,
                            std::vector<std::int64_t>& picked) {
  // If nothing else is in flight, the largest callback needs no more room than there is.
  if (row == nullptr || room.records == 0 || room.bytes == 0) return;
  --room.records;
  room.bytes -= std::min(room.bytes, row->row.size);
  if (in_flight_ == 0) silent_from_ = now;
  row->is_in_flight = true;
  row->offered_at = now;
  ++row->offers;
  ++in_flight_;
  in_flight_bytes_ += row->row.size;
  picked.push_back(row->row.sequence);
}

void PartitionPlan::PickMany(TimePoint now, Room& room, std::vector<std::int64_t>& picked) {
  std::unordered_set<std::uint64_t> held_keys;
  for (Row& row : queue_) {
    if (in_flight_ >= kWindow || in_flight_bytes_ >= kWindowBytes) return;
    if (room.records == 0 || room.bytes == 0) return;
    const bool may_go = !row.is_in_flight && row.not_before <= now;
    if (held_keys.insert(row.row.key).second && may_go) PickOne(&row, now, room, picked);
  }
}

PartitionPlan::Row* PartitionPlan::NextProbe(TimePoint now) {
  std::unordered_set<std::uint64_t> held_keys;
  Row* next = nullptr;
  for (Row& row : queue_) {
    if (!held_keys.insert(row.row.key).second) continue;
    if (row.not_read > 0 && row.not_before > now) continue;
    if (next == nullptr || row.offers < next->offers) next = &row;
  }
  return next;
}

PartitionPlan::Row* PartitionPlan::NextSingle() {
  const auto found = std::ranges::find_if(queue_, [](const Row& row) { return row.must_go_alone; });
  return found == queue_.end() ? nullptr : &*found;
}

PartitionPlan::Queue::iterator PartitionPlan::Find(std::int64_t sequence) {
  return std::ranges::lower_bound(queue_, sequence, {},
                                  [](const Row& row) { return row.row.sequence; });
}

void PartitionPlan::Return(Row& row) {
  row.is_in_flight = false;
  --in_flight_;
  in_flight_bytes_ -= row.row.size;
}

void PartitionPlan::NotOffered(std::int64_t sequence) {
  Row& row = *Find(sequence);
  Return(row);
  --row.offers;
}

void PartitionPlan::NotRead(std::int64_t sequence, TimePoint now) {
  Row& row = *Find(sequence);
  Return(row);
  // Otherwise it would delay the others of its partition for as long.
  if (row.must_go_alone) --alone_;
  row.must_go_alone = false;
  row.not_before = now + Doubled(2 * kFirstWait, row.not_read, kLongestWaitOfOne);
  if (++row.not_read == 1) ++unread_;
}

void PartitionPlan::Left(std::int64_t sequence) {
  const auto found = Find(sequence);
  if (found->is_in_flight) Return(*found);
  if (found->must_go_alone) --alone_;
  if (found->not_read > 0) --unread_;
  queue_.erase(found);
}

void PartitionPlan::Stored(std::int64_t sequence, TimePoint now) {
  Left(sequence);
  last_stored_ = now;
  silent_from_ = now;
  is_flowing_ = true;
  failures_ = 0;
}

bool PartitionPlan::Failed(std::int64_t sequence, TimePoint now) {
  Row& row = *Find(sequence);
  Return(row);
  if (row.must_go_alone) --alone_;
  row.must_go_alone = false;
  if (last_stored_ && *last_stored_ > row.offered_at) {
    row.not_before = now + Doubled(2 * kFirstWait, row.failures, kLongestWaitOfOne);
    return ++row.failures >= kBelieved;
  }
  // Callbacks that were in flight together fail together and count once.
  if (is_flowing_ || now >= next_probe_) {
    next_probe_ = now + Doubled(kFirstWait, failures_, kLongestWait);
    ++failures_;
  }
  is_flowing_ = false;
  return false;
}

bool PartitionPlan::RefusedWithOthers(std::int64_t sequence) {
  Row& row = *Find(sequence);
  if (row.must_go_alone) return true;
  Return(row);
  row.must_go_alone = true;
  ++alone_;
  return false;
}

bool PartitionPlan::IsSilent(TimePoint now) const {
  return in_flight_ > 0 && now - silent_from_ > kSilence;
}

}  // namespace ingest
