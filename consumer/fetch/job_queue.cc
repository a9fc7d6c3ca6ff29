#include "consumer/fetch/job_queue.h"

namespace consumer {

FetchTask& JobQueue::Add(FetchJob job) {
  const JobId id = job.id;
  const auto [last, is_alone] = last_of_process_.try_emplace(job.process, id);
  if (is_alone) {
    ready_.push_back(id);
  } else {
    tasks_.at(last->second).next_of_process = id;
    last->second = id;
  }
  FetchTask& task = tasks_[id];
  task.job = std::move(job);
  return task;
}

FetchTask* JobQueue::Find(JobId id) {
  const auto task = tasks_.find(id);
  return task == tasks_.end() ? nullptr : &task->second;
}

void JobQueue::Remove(JobId id) {
  const auto task = tasks_.find(id);
  if (const auto next = task->second.next_of_process) {
    ready_.push_back(*next);
  } else {
    last_of_process_.erase(task->second.job.process);
  }
  tasks_.erase(task);
}

void JobQueue::Clear() { *this = JobQueue(); }

FetchTask& JobQueue::TakeFirst() {
  if (!HasReady()) MoveDue(delayed_.top().first);
  const JobId id = ready_.front();
  ready_.pop_front();
  return tasks_.at(id);
}

std::optional<JobQueue::TimePoint> JobQueue::NextDelayed() const {
  return delayed_.empty() ? std::nullopt : std::optional(delayed_.top().first);
}

void JobQueue::MoveDue(TimePoint now) {
  while (!delayed_.empty() && delayed_.top().first <= now) {
    ready_.push_back(delayed_.top().second);
    delayed_.pop();
  }
}

}  // namespace consumer
