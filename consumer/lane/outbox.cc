#include "consumer/lane/outbox.h"

#include <algorithm>
#include <utility>

#include "consumer/lane/batch_records.h"
#include "consumer/lane/refused_batch.h"

namespace consumer {
namespace {

/// Inserts a position in order.
void AddInOrder(std::vector<std::vector<std::size_t>>& parts, std::size_t at) {
  if (parts.empty()) parts.emplace_back();
  auto& part = parts.size() > 1 && at > parts.back().front() ? parts.back() : parts.front();
  part.insert(std::lower_bound(part.begin(), part.end(), at), at);
}

}  // namespace

Outbox::Outbox(Limits limits, LaneEvents& events, MakeDeadLetter unreadable)
    : limits_(limits),
      events_(&events),
      unreadable_(std::move(unreadable)),
      set_aside_(limits.set_aside) {}

void Outbox::Add(Completion completion) { waiting_.Add(std::move(completion)); }

std::size_t Outbox::bytes() const {
  std::size_t bytes = waiting_.bytes() + under_way_bytes_;
  for (const Part& part : parts_) bytes += part.completions.bytes();
  return bytes;
}

Batch Outbox::Close(Tasks& tasks, TimePoint now, common::WallTime wall_now) {
  Batch batch;
  std::set<Partition> touched;
  for (Completion& completion : Next(now)) {
    // Without a callback no offset moves, but the batch carries the partition's offset (A1).
    if (completion.offset) tasks.at(completion.partition).Settle(*completion.offset);
    touched.insert(completion.partition);
    under_way_bytes_ += completion.record.bytes();
    is_doubtful_ = is_doubtful_ || (completion.tries && completion.tries->is_place());
    AddRecords(batch, completion, marker_clock_, wall_now);
    under_way_.completions.push_back(std::move(completion));
  }
  batch.patience = is_doubtful_ ? limits_.doubtful_patience : limits_.patience;
  for (auto& [partition, task] : tasks) {
    if (!touched.contains(partition) && !task.HasMoved()) continue;
    touched_.insert(partition);
    batch.offsets.push_back({partition, task.LowWaterMark(), task.Basis()});
    task.HandedOver();
  }
  if (!batch.offsets.empty()) under_way_.duplicates = std::exchange(duplicates_waiting_, {});
  return batch;
}

/// The completions of the next batch, in order: a part of a refused batch; or one refused record
/// alone; or the waiting ones together with the first completions of places to retry. Completions
/// that must wait for one that is set aside join it.
Outbox::Completions Outbox::Next(TimePoint now) {
  Completions next;
  is_doubtful_ = false;
  if (HasParts()) {
    Part part = std::move(parts_.front());
    parts_.pop_front();
    is_doubtful_ = part.is_doubtful;
    while (!part.completions.empty()) {
      Completion completion = part.completions.TakeFirst();
      if (!set_aside_.Keeps(completion)) next.push_back(std::move(completion));
    }
    return next;
  }
  next = set_aside_.TakeDue(now);
  if (!next.empty() && !next.front().tries->is_place()) return next;
  std::size_t bytes = 0;
  while (!waiting_.empty() && next.size() < limits_.records && bytes < limits_.bytes) {
    Completion completion = waiting_.TakeFirst();
    const std::size_t size = completion.record.bytes();
    if (set_aside_.Keeps(completion)) continue;
    bytes += size;
    next.push_back(std::move(completion));
  }
  return next;
}

void Outbox::Refused(Batch batch, const std::vector<Refusal>& refusals, Tasks& tasks, TimePoint now,
                     common::WallTime wall_now) {
  Suspicions found = SuspicionsOf(batch, under_way_.completions, refusals);
  RefusedBatch refused{.completions = Reclaim(batch, tasks), .suspicions = std::move(found)};
  Forget(RemoveOf(refused, std::exchange(dropped_, {})), now);
  Retime(refused, marker_clock_, wall_now);
  for (Completion& retry : Excuse(refused)) set_aside_.Return(std::move(retry), now);

  auto& [completions, suspicions] = refused;
  BatchCut cut = CutRefused(suspicions);
  for (const std::size_t at : cut.at_fault) {
    if (CanBeTriedAgain(completions[at], *suspicions[at], now)) AddInOrder(cut.parts, at);
  }
  for (auto part = cut.parts.rbegin(); part != cut.parts.rend(); ++part) {
    Part& added = parts_.emplace_front();
    added.is_doubtful = cut.is_by_partition;
    for (const std::size_t at : *part) added.completions.Add(std::move(completions[at]));
  }
}

/// Disposes of a completion at fault unless another record can take the place of the refused one.
bool Outbox::CanBeTriedAgain(Completion& completion, const Suspicion& why, TimePoint now) {
  if (IsHopeless(completion, why)) {
    if (completion.tries) set_aside_.Abandon(*completion.tries, now);
    to_give_up_.push_back({completion.id, why.place.topic, why.reason});
    return false;
  }
  if (Mend(completion, why, unreadable_)) return true;
  SetAsideReport report{.topic = why.place.topic,
                        .partition = completion.partition,
                        .offset = completion.offset,
                        .reason = why.reason};
  report.is_new = set_aside_.Add(std::move(completion), why, now);
  events_->RecordSetAside(report);
  return false;
}

void Outbox::RequeueWhole(Batch batch, Tasks& tasks, TimePoint now) {
  RefusedBatch whole{.completions = Reclaim(batch, tasks)};
  whole.suspicions.resize(whole.completions.size());
  Forget(RemoveOf(whole, std::exchange(dropped_, {})), now);
  if (whole.completions.empty()) return;
  Part& added = parts_.emplace_front();
  for (Completion& completion : whole.completions) added.completions.Add(std::move(completion));
}

void Outbox::Drop(const std::set<Partition>& partitions, TimePoint now) {
  static_cast<void>(waiting_.TakeOf(partitions));
  for (Part& part : parts_) Forget(part.completions.TakeOf(partitions), now);
  std::erase_if(parts_, [](const Part& part) { return part.completions.empty(); });
  set_aside_.Drop(partitions, now);
  for (const Partition partition : touched_) {
    if (partitions.contains(partition)) dropped_.insert(partition);
  }
}

/// These completions are gone: what waits for a retry among them need not.
void Outbox::Forget(const Completions& completions, TimePoint now) {
  for (const Completion& completion : completions) {
    if (completion.tries) set_aside_.Abandon(*completion.tries, now);
  }
}

Outbox::Completions Outbox::Reclaim(Batch& batch, Tasks& tasks) {
  Completions completions = std::move(under_way_.completions);
  RemoveRecords(batch, completions);
  for (const auto& [row, count] : under_way_.duplicates) duplicates_waiting_[row] += count;
  under_way_ = {};
  under_way_bytes_ = 0;
  touched_.clear();
  for (auto& [partition, task] : tasks) task.Reopen();
  return completions;
}

Outbox::Disposed Outbox::Committed(Tasks& tasks) {
  for (auto& [partition, task] : tasks) task.BatchCommitted();
  under_way_bytes_ = 0;
  set_aside_.CommitSucceeded();
  touched_.clear();
  const std::set<Partition> dropped = std::exchange(dropped_, {});
  for (const Completion& completion : under_way_.completions) {
    if (!completion.tries) continue;
    std::deque<Completion> released = set_aside_.Release(*completion.tries);
    events_->AcceptedAgain(completion.tries->place.topic, completion.partition,
                           released.size() + 1);
    waiting_.AddFirst(std::move(released));
  }
  std::erase_if(under_way_.completions, [&](const Completion& completion) {
    return dropped.contains(completion.partition);
  });
  return std::exchange(under_way_, {});
}

void Outbox::Clear() {
  const MarkerClock learned = marker_clock_;
  *this = Outbox(limits_, *events_, unreadable_);
  marker_clock_ = learned;
}

}  // namespace consumer
