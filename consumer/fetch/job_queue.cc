#include "consumer/fetch/job_queue.h"

#include <algorithm>

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

bool JobQueue::IsTurnOfTroubled() const {
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

FetchTask& JobQueue::TakeSince(TimePoint time) {
  const auto next = std::find_if(next_.begin(), next_.end(),
                                 [&](JobId id) { return tasks_.at(id).taken_in >= time; });
  if (next == next_.end()) return TakeNewest();
  const JobId id = *next;
  next_.erase(next);
  return tasks_.at(id);
}

FetchTask& JobQueue::TakeForProbe() {
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

void JobQueue::PutOff(const FetchTask& task, TimePoint due, Delay delay) {
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
