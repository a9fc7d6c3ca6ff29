#include "consumer/lane/outbox.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include "common/domain/key_partition.h"
#include "common/domain/omitted_body.h"
#include "common/domain/reconciled.h"

namespace consumer {
namespace {

/// The most telling refusal of each completion. A refusal by a partition concerns more than its
/// record. If several records of a completion are refused, the first counts: a marker is accepted
/// wherever a result is.
Suspicions SuspicionsOf(const Batch& batch, const std::vector<Completion>& completions,
                        const std::vector<Refusal>& refusals) {
  Suspicions suspicions(completions.size());
  std::vector<std::size_t> owners;  // Of the batch's records.
  owners.reserve(batch.records.size());
  for (std::size_t i = 0; i < completions.size(); ++i) {
    owners.insert(owners.end(), completions[i].records(), i);
  }
  for (const Refusal& refusal : refusals) {
    const std::size_t at = owners.at(refusal.position);
    auto& suspicion = suspicions.at(at);
    const bool tells_more =
        !suspicion || (ConcernsPartition(refusal.reason) && !ConcernsPartition(suspicion->reason));
    if (!tells_more) continue;
    const OutgoingTopic topic = batch.records.at(refusal.position).topic;
    suspicion = {PlaceOf(topic, completions.at(at).partition), refusal.reason};
  }
  return suspicions;
}

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

void Outbox::Add(Completion completion) {
  bytes_ += completion.record.bytes();
  waiting_bytes_ += completion.record.bytes();
  waiting_.push_back(std::move(completion));
}

Batch Outbox::Close(Tasks& tasks, TimePoint now, common::WallTime wall_now) {
  Batch batch;
  std::set<Partition> touched;
  for (Completion& completion : Next(now)) {
    // Without a callback no offset moves, but the batch carries the partition's offset (A1).
    if (!completion.is_reconciled) tasks.at(completion.partition).Settle(completion.offset);
    touched.insert(completion.partition);
    under_way_bytes_ += completion.record.bytes();
    is_doubtful_ = is_doubtful_ || (completion.tries && completion.tries->is_place());
    if (completion.has_record()) batch.records.push_back(std::exchange(completion.record, {}));
    batch.records.push_back(MarkerOf(completion, completion.identity, wall_now));
    if (completion.event) {
      batch.records.push_back(MarkerOf(completion, *completion.event, wall_now));
    }
    for (const common::Identity& identity : completion.more) {
      batch.records.push_back(MarkerOf(completion, identity, wall_now));
    }
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
/// alone; or the waiting ones together with the first completions of places to retry.
Outbox::Completions Outbox::Next(TimePoint now) {
  Completions next;
  is_doubtful_ = false;
  if (HasParts()) {
    Part part = std::move(parts_.front());
    parts_.pop_front();
    is_doubtful_ = part.is_doubtful;
    for (Completion& completion : part.completions) {
      if (!Keeps(completion)) next.push_back(std::move(completion));
    }
    return next;
  }
  next = set_aside_.TakeDue(now);
  if (!next.empty() && !next.front().tries->is_place()) return next;
  std::size_t bytes = 0;
  while (!waiting_.empty() && next.size() < limits_.records && bytes < limits_.bytes) {
    Completion completion = std::move(waiting_.front());
    waiting_.pop_front();
    const std::size_t size = completion.record.bytes();
    waiting_bytes_ -= size;
    if (Keeps(completion)) continue;
    bytes += size;
    next.push_back(std::move(completion));
  }
  return next;
}

/// True if the completion must wait for one that is set aside, with or without its record.
bool Outbox::Keeps(Completion& completion) {
  const std::size_t before = set_aside_.bytes() + completion.record.bytes();
  if (!set_aside_.Keeps(completion)) return false;
  bytes_ -= before - set_aside_.bytes();
  return true;
}

void Outbox::Refused(Batch batch, const std::vector<Refusal>& refusals, Tasks& tasks, TimePoint now,
                     common::WallTime wall_now) {
  auto suspicions = SuspicionsOf(batch, under_way_.completions, refusals);
  Completions completions = TakeBack(batch, tasks);
  RemoveDropped(completions, suspicions, now);
  Retime(completions, suspicions, wall_now);
  Excuse(completions, suspicions, now);

  BatchCut cut = CutRefused(suspicions);
  for (const std::size_t at : cut.at_fault) {
    if (IsHopeless(completions[at], *suspicions[at])) {
      bytes_ -= completions[at].record.bytes();
      if (completions[at].tries) set_aside_.Abandon(*completions[at].tries, now);
      to_give_up_.push_back(
          {completions[at].id, suspicions[at]->place.topic, suspicions[at]->reason});
      continue;
    }
    if (!Mend(completions[at], *suspicions[at])) {
      Isolate(std::move(completions[at]), *suspicions[at], now);
      continue;
    }
    AddInOrder(cut.parts, at);
  }
  for (auto part = cut.parts.rbegin(); part != cut.parts.rend(); ++part) {
    Part& added = parts_.emplace_front();
    added.is_doubtful = cut.is_by_partition;
    for (const std::size_t at : *part) added.completions.push_back(std::move(completions[at]));
  }
}

void Outbox::RequeueWhole(Batch batch, Tasks& tasks, TimePoint now) {
  Completions completions = TakeBack(batch, tasks);
  Suspicions nothing(completions.size());
  RemoveDropped(completions, nothing, now);
  if (completions.empty()) return;
  parts_.push_front({.completions = std::move(completions), .is_doubtful = false});
}

void Outbox::RemoveDropped(Completions& completions, Suspicions& suspicions, TimePoint now) {
  const std::set<Partition> dropped = std::exchange(dropped_, {});
  if (dropped.empty()) return;
  Completions kept;
  Suspicions kept_suspicions;
  for (std::size_t i = 0; i < completions.size(); ++i) {
    Completion& completion = completions[i];
    if (!dropped.contains(completion.partition)) {
      kept.push_back(std::move(completion));
      kept_suspicions.push_back(suspicions[i]);
      continue;
    }
    bytes_ -= completion.record.bytes();
    if (completion.tries) set_aside_.Abandon(*completion.tries, now);
  }
  completions = std::move(kept);
  suspicions = std::move(kept_suspicions);
}

void Outbox::Drop(const std::set<Partition>& partitions, TimePoint now) {
  const auto is_dropped = [&](const Completion& completion) {
    return partitions.contains(completion.partition);
  };
  for (const Completion& completion : waiting_) {
    if (!is_dropped(completion)) continue;
    bytes_ -= completion.record.bytes();
    waiting_bytes_ -= completion.record.bytes();
  }
  std::erase_if(waiting_, is_dropped);
  for (Part& part : parts_) {
    for (const Completion& completion : part.completions) {
      if (!is_dropped(completion)) continue;
      bytes_ -= completion.record.bytes();
      if (completion.tries) set_aside_.Abandon(*completion.tries, now);
    }
    std::erase_if(part.completions, is_dropped);
  }
  std::erase_if(parts_, [](const Part& part) { return part.completions.empty(); });
  const std::size_t before = set_aside_.bytes();
  set_aside_.Drop(partitions, now);
  bytes_ -= before - set_aside_.bytes();
  for (const Partition partition : touched_) {
    if (partitions.contains(partition)) dropped_.insert(partition);
  }
}

Outbox::Completions Outbox::TakeBack(Batch& batch, Tasks& tasks) {
  Completions completions = std::move(under_way_.completions);
  std::size_t first = 0;
  for (Completion& completion : completions) {
    if (completion.has_record()) completion.record = std::move(batch.records.at(first));
    first += completion.records();
  }
  for (const auto& [row, count] : under_way_.duplicates) duplicates_waiting_[row] += count;
  under_way_ = {};
  under_way_bytes_ = 0;
  touched_.clear();
  for (auto& [partition, task] : tasks) task.TakeBack();
  return completions;
}

/// Changes the time of all records refused because of it: that is no fault of the record.
void Outbox::Retime(Completions& completions, Suspicions& suspicions, common::WallTime wall_now) {
  const auto is_timed = [](const auto& suspicion) {
    return suspicion && suspicion->reason == RefusalReason::kTimestamp;
  };
  if (std::none_of(suspicions.begin(), suspicions.end(), is_timed)) return;
  if (!marker_clock_.GoBack()) return;
  for (std::size_t i = 0; i < completions.size(); ++i) {
    if (!is_timed(suspicions[i])) continue;
    if (suspicions[i]->place.topic != OutgoingTopic::kSeen) {
      completions[i].record.timestamp = marker_clock_.TimestampOf(wall_now, wall_now);
    }
    suspicions[i].reset();
  }
}

/// If the batch contains retries, the others had as little time as they; that is no fault of
/// theirs.
void Outbox::Excuse(Completions& completions, Suspicions& suspicions, TimePoint now) {
  const auto tries = [](const Completion& completion) {
    return completion.tries && completion.tries->is_place();
  };
  if (std::none_of(completions.begin(), completions.end(), tries)) return;
  bool is_any_refused = false;
  for (std::size_t i = 0; i < completions.size(); ++i) {
    auto& suspicion = suspicions[i];
    const bool is_late = suspicion && suspicion->reason == RefusalReason::kUnavailable;
    if (is_late && !tries(completions[i])) suspicion.reset();
    is_any_refused = is_any_refused || suspicion;
  }
  if (is_any_refused) return;
  Completions others;
  for (Completion& completion : completions) {
    if (tries(completion)) {
      set_aside_.Return(std::move(completion), now);
    } else {
      others.push_back(std::move(completion));
    }
  }
  completions = std::move(others);
  suspicions.assign(completions.size(), std::nullopt);
}

/// True if its topic will never take the result: a callback would get a dead letter instead, but
/// here is none.
bool Outbox::IsHopeless(const Completion& completion, const Suspicion& why) {
  return completion.is_reconciled && !ConcernsPartition(why.reason);
}

/// True if another record can say the same, or enough of it.
bool Outbox::Mend(Completion& completion, const Suspicion& why) {
  const std::size_t before = completion.record.bytes();
  bool is_mended = false;
  if (why.place.topic == OutgoingTopic::kProcesses && !ConcernsPartition(why.reason)) {
    completion.outcome = common::MarkerOutcome::kDead;
    completion.record = unreadable_(completion);
    is_mended = true;
  } else if (why.place.topic == OutgoingTopic::kDead && why.reason == RefusalReason::kTooLarge) {
    is_mended = common::OmitBody(completion.record.value, completion.record.headers);
  }
  bytes_ += completion.record.bytes() - before;
  return is_mended;
}

void Outbox::Isolate(Completion completion, const Suspicion& why, TimePoint now) {
  const Offset offset = completion.offset;
  const Partition partition = completion.partition;
  const bool is_new = set_aside_.Add(std::move(completion), why, now);
  events_->RecordSetAside({.topic = why.place.topic,
                           .partition = partition,
                           .offset = offset,
                           .reason = why.reason,
                           .is_new = is_new});
}

Outbox::Disposed Outbox::Committed(Tasks& tasks) {
  for (auto& [partition, task] : tasks) task.BatchCommitted();
  bytes_ -= std::exchange(under_way_bytes_, 0);
  set_aside_.CommitSucceeded();
  touched_.clear();
  const std::set<Partition> dropped = std::exchange(dropped_, {});
  for (const Completion& completion : under_way_.completions) {
    if (!completion.tries) continue;
    std::deque<Completion> released = set_aside_.Release(*completion.tries);
    for (const Completion& other : released) waiting_bytes_ += other.record.bytes();
    events_->TakenAgain(completion.tries->place.topic, completion.partition, released.size() + 1);
    std::move(waiting_.begin(), waiting_.end(), std::back_inserter(released));
    waiting_ = std::move(released);
  }
  std::erase_if(under_way_.completions, [&](const Completion& completion) {
    return dropped.contains(completion.partition);
  });
  return std::exchange(under_way_, {});
}

OutgoingRecord Outbox::MarkerOf(const Completion& completion, const common::Identity& identity,
                                common::WallTime wall_now) const {
  OutgoingRecord marker{.topic = OutgoingTopic::kSeen,
                        .partition = completion.partition,
                        .timestamp = marker_clock_.TimestampOf(completion.marked_at, wall_now),
                        .key = std::string(identity.view()),
                        .value = {},
                        .headers = common::MarkerHeaders(completion.outcome)};
  if (!completion.is_fetched) {
    marker.headers.push_back(
        {std::string(common::header::kFetch), std::string(common::kFetchNone)});
  }
  if (completion.is_reconciled) {
    marker.headers.push_back(
        {std::string(common::kReconciledHeader), std::string(common::kReconciledValue)});
  }
  marker.headers.push_back(
      {std::string(common::kKeyHashHeader), common::ToHashText(completion.key_hash)});
  if (marker.timestamp != completion.marked_at) {
    marker.headers.push_back(
        {std::string(common::header::kRecordTime), common::FormatRfc3339(completion.marked_at)});
  }
  return marker;
}

void Outbox::Clear() {
  const MarkerClock learned = marker_clock_;
  *this = Outbox(limits_, *events_, unreadable_);
  marker_clock_ = learned;
}

}  // namespace consumer
