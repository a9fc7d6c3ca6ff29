#include "consumer/fetch/job_queue.h"

#include <algorithm>
#include <cstddef>

namespace consumer {

bool JobQueue::Add(FetchJob job, Resource step, TimePoint now) {
  const JobId id = job.id;
  const auto [last, is_alone] = last_of_process_.try_emplace(job.process, id);
  if (is_alone) {
    untried_.push_back(id);
  } else {
    tasks_.at(last->second).next_of_process = id;
    last->second = id;
  }
  FetchTask& task = tasks_[id];
  task.job = std::move(job);
  task.step = step;
  task.taken_in = now;
  return is_alone;
}

FetchTask* JobQueue::Find(JobId id) {
  const auto task = tasks_.find(id);
  return task == tasks_.end() ? nullptr : &task->second;
}

void JobQueue::Remove(JobId id) {
  const auto task = tasks_.find(id);
  if (const auto next = task->second.next_of_process) {
    untried_.push_back(*next);
  } else {
    last_of_process_.erase(task->second.job.process);
  }
  tasks_.erase(task);
}

void JobQueue::Clear() { *this = JobQueue(); }

void JobQueue::Drop(const std::unordered_set<JobId>& ids) {
  const auto is_dropped = [&](JobId id) { return ids.contains(id); };
  if (std::none_of(ids.begin(), ids.end(), [&](JobId id) { return tasks_.contains(id); })) return;
  for (auto* queue : {&next_, &untried_, &ready_, &troubled_}) std::erase_if(*queue, is_dropped);
  for (DelayedQueue* delayed : {&delayed_, &held_}) {
    DelayedQueue kept;
    for (; !delayed->empty(); delayed->pop()) {
      if (!is_dropped(delayed->top().second)) kept.push(delayed->top());
    }
    *delayed = std::move(kept);
  }
  // The jobs of a process form a chain; only its first one is in the queues or taken.
  std::unordered_set<JobId> followers;
  for (const auto& [id, task] : tasks_) {
    if (task.next_of_process) followers.insert(*task.next_of_process);
  }
  std::vector<JobId> firsts;
  for (const auto& [id, task] : tasks_) {
    if (!followers.contains(id)) firsts.push_back(id);
  }
  std::sort(firsts.begin(), firsts.end());
  for (const JobId first : firsts) {
    std::vector<JobId> kept;
    for (std::optional<JobId> at = first; at; at = tasks_.at(*at).next_of_process) {
      if (!is_dropped(*at)) kept.push_back(*at);
    }
    const common::ProcessId process = tasks_.at(first).job.process;
    if (kept.empty()) {
      last_of_process_.erase(process);
      continue;
    }
    if (kept.front() != first) untried_.push_back(kept.front());
    for (std::size_t i = 0; i < kept.size(); ++i) {
      tasks_.at(kept[i]).next_of_process =
          i + 1 < kept.size() ? std::optional(kept[i + 1]) : std::nullopt;
    }
    last_of_process_[process] = kept.back();
  }
  for (const JobId id : ids) tasks_.erase(id);
}

bool JobQueue::IsTroubledTurn() const {
  constexpr unsigned kTurns = 8;
  return turn_ % kTurns == kTurns - 1;
}

FetchTask& JobQueue::TakeReady(bool newest) {
  if (!next_.empty()) return Pop(next_);
  if (newest && !untried_.empty()) return TakeNewest();
  const bool is_turn_of_untried = ++turn_ % 2 == 0;
  const bool takes_untried = ready_.empty() || (is_turn_of_untried && !untried_.empty());
  return Pop(takes_untried ? untried_ : ready_);
}

FetchTask& JobQueue::TakeTroubled() {
  ++turn_;
  return Pop(troubled_);
}

FetchTask& JobQueue::TakeNewest() {
  const JobId id = untried_.back();
  untried_.pop_back();
  return tasks_.at(id);
}

FetchTask& JobQueue::TakeAt(double share) {
  const auto last = static_cast<double>(untried_.size() - 1);
  const auto at = untried_.begin() + static_cast<std::ptrdiff_t>(last * share);
  const JobId id = *at;
  untried_.erase(at);
  return tasks_.at(id);
}

FetchTask& JobQueue::TakeSince(TimePoint time) {
  const auto next = std::find_if(next_.begin(), next_.end(),
                                 [&](JobId id) { return tasks_.at(id).taken_in >= time; });
  if (next == next_.end()) return TakeNewest();
  const JobId id = *next;
  next_.erase(next);
  return tasks_.at(id);
}

FetchTask& JobQueue::TakeProbeCandidate() {
  if (next_.empty() && ready_.empty() && troubled_.empty() && !delayed_.empty()) {
    const JobId id = delayed_.top().second;
    delayed_.pop();
    return tasks_.at(id);
  }
  for (auto* queue : {&next_, &ready_, &troubled_}) {
    if (!queue->empty()) return Pop(*queue);
  }
  return Pop(untried_);
}

void JobQueue::Postpone(const FetchTask& task, TimePoint due, Delay delay) {
  (delay == Delay::kHold ? held_ : delayed_).emplace(due, task.job.id);
}

std::optional<JobQueue::TimePoint> JobQueue::NextDelayed() const {
  const auto held = NextHeld();
  if (delayed_.empty()) return held;
  return held ? std::min(*held, delayed_.top().first) : delayed_.top().first;
}

std::optional<JobQueue::TimePoint> JobQueue::NextHeld() const {
  return held_.empty() ? std::nullopt : std::optional(held_.top().first);
}

void JobQueue::MoveDue(TimePoint now, const IsTroubled& is_troubled) {
  MoveDue(delayed_, now, is_troubled);
  MoveDue(held_, now, is_troubled);
}

FetchTask& JobQueue::Pop(std::deque<JobId>& queue) {
  const JobId id = queue.front();
  queue.pop_front();
  return tasks_.at(id);
}

void JobQueue::MoveDue(DelayedQueue& delayed, TimePoint now, const IsTroubled& is_troubled) {
  while (!delayed.empty() && delayed.top().first <= now) {
    const JobId id = delayed.top().second;
    (is_troubled(tasks_.at(id)) ? troubled_ : ready_).push_back(id);
    delayed.pop();
  }
}

}  // namespace consumer
