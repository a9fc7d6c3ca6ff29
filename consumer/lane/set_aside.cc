#include "consumer/lane/set_aside.h"

#include <algorithm>
#include <utility>

namespace consumer {
namespace {

bool IsResult(const Completion& completion) {
  return completion.outcome == common::MarkerOutcome::kPublished;
}

HoldKey KeyOf(const Completion& completion, const Suspicion& why) {
  if (ConcernsPartition(why.reason)) return {.place = why.place};
  if (IsResult(completion)) return {.place = why.place, .process = completion.record.key};
  return {.place = why.place, .id = completion.id};
}

}  // namespace

bool SetAside::Add(Completion completion, const Suspicion& why, TimePoint now) {
  // Its own record may be refused now, after its place was.
  const std::optional<HoldKey> tried = std::exchange(completion.tries, std::nullopt);
  const HoldKey key = KeyOf(completion, why);
  if (tried && *tried != key) Abandon(*tried, now);
  const auto [entry, is_new] = holds_.try_emplace(key);
  Hold& hold = entry->second;
  hold.reason = why.reason;
  Enter(completion);
  // Completions of one batch come in order and count as one failure; a retried one was the first.
  if (tried == key) {
    hold.queue.push_front(std::move(completion));
  } else {
    hold.queue.push_back(std::move(completion));
  }
  if (is_new || tried == key) Failed(hold, now);
  return !tried;
}

void SetAside::Return(Completion completion, TimePoint now) {
  const HoldKey key = *std::exchange(completion.tries, std::nullopt);
  Hold& hold = holds_.at(key);
  Enter(completion);
  hold.queue.push_front(std::move(completion));
  Failed(hold, now);
}

bool SetAside::Keeps(Completion& completion) {
  if (holds_.empty() || completion.tries) return false;
  Hold* const hold = HoldFor(completion);
  if (hold == nullptr) return false;
  const bool has_room =
      hold->dropped.empty() && bytes_ + completion.record.bytes() <= limits_.bytes;
  if (has_room || !IsResult(completion)) {
    Enter(completion);
    hold->queue.push_back(std::move(completion));
  } else {
    completion.record = {};
    Enter(completion);
    hold->dropped.push_back(std::move(completion));
  }
  return true;
}

std::vector<Completion> SetAside::TakeDue(TimePoint now) {
  std::vector<Completion> due;
  const auto take = [&](const HoldKey& key, Hold& hold) {
    hold.is_tried = true;
    Leave(hold.queue.front());
    due.push_back(std::move(hold.queue.front()));
    hold.queue.pop_front();
    due.back().tries = key;
  };
  const auto is_due = [&](const Hold& hold) {
    return !hold.is_tried && hold.due <= now && !hold.queue.empty();
  };
  auto record = holds_.end();
  for (auto hold = holds_.begin(); hold != holds_.end(); ++hold) {
    if (!is_due(hold->second)) continue;
    if (hold->first.is_place()) {
      take(hold->first, hold->second);
    } else if (record == holds_.end() || hold->second.due < record->second.due) {
      record = hold;
    }
  }
  if (due.empty() && record != holds_.end() && now >= next_record_) {
    next_record_ = now + limits_.between_records;
    take(record->first, record->second);
  }
  return due;
}

SetAside::TimePoint SetAside::NextDue() const {
  TimePoint next = TimePoint::max();
  for (const auto& [key, hold] : holds_) {
    if (hold.is_tried || hold.queue.empty()) continue;
    next = std::min(next, key.is_place() ? hold.due : std::max(hold.due, next_record_));
  }
  return next;
}

std::deque<Completion> SetAside::Release(const HoldKey& key) {
  auto hold = holds_.extract(key);
  if (hold.empty()) return {};
  for (const Completion& completion : hold.mapped().queue) Leave(completion);
  for (const Completion& completion : hold.mapped().dropped) {
    Leave(completion);
    to_fetch_.push_back(completion.id);
  }
  return std::move(hold.mapped().queue);
}

/// Its first completion is gone: retries the next one at once.
void SetAside::Abandon(const HoldKey& key, TimePoint now) {
  Hold& hold = holds_.at(key);
  hold.is_tried = false;
  hold.due = now;
  if (hold.queue.empty()) static_cast<void>(Release(key));
}

void SetAside::Clear() { *this = SetAside(limits_); }

void SetAside::Drop(const std::set<Partition>& sources, TimePoint now) {
  const auto drop = [&](auto& completions) {
    std::erase_if(completions, [&](const Completion& completion) {
      const bool is_dropped = sources.contains(completion.partition);
      if (is_dropped) Leave(completion);
      return is_dropped;
    });
  };
  std::vector<HoldKey> emptied;
  for (auto& [key, hold] : holds_) {
    drop(hold.queue);
    drop(hold.dropped);
    // The completion being retried belongs to another partition, or its owner calls Abandon().
    if (hold.queue.empty() && !hold.is_tried) emptied.push_back(key);
  }
  for (const HoldKey& key : emptied) Abandon(key, now);
}

std::size_t SetAside::CountOf(Partition source) const {
  const auto found = by_source_.find(source);
  return found == by_source_.end() ? 0 : found->second;
}

SetAside::Hold* SetAside::HoldFor(const Completion& completion) {
  const auto find = [this](const HoldKey& key) {
    const auto found = holds_.find(key);
    return found == holds_.end() ? nullptr : &found->second;
  };
  const OutgoingTopic topic =
      IsResult(completion) ? OutgoingTopic::kProcesses : OutgoingTopic::kDead;
  for (const OutgoingTopic written : {OutgoingTopic::kSeen, topic}) {
    if (written == topic && !completion.has_record()) continue;
    if (Hold* const hold = find({.place = PlaceOf(written, completion.partition)})) return hold;
    if (!IsResult(completion)) continue;
    const HoldKey process{.place = PlaceOf(written, completion.partition),
                          .process = completion.record.key};
    if (Hold* const hold = find(process)) return hold;
  }
  return nullptr;
}

void SetAside::Failed(Hold& hold, TimePoint now) const {
  hold.is_tried = false;
  auto delay = limits_.retry.Delay(hold.failures++, 1.0);
  const bool is_own_fault = !ConcernsPartition(hold.reason) ||
                            std::exchange(hold.seen_successes, successes_) != successes_;
  if (!is_own_fault) delay = std::min(delay, limits_.outage_retry);
  hold.due = now + delay;
}

void SetAside::Enter(const Completion& completion) {
  ++size_;
  ++by_source_[completion.partition];
  bytes_ += completion.record.bytes();
}

void SetAside::Leave(const Completion& completion) {
  --size_;
  --by_source_[completion.partition];
  bytes_ -= completion.record.bytes();
}

}  // namespace consumer
