#include "consumer/lane/intake.h"

#include <algorithm>

namespace consumer {

void Intake::Assigned(const std::vector<Partition>& partitions) {
  flows_.clear();
  for (const Partition partition : partitions) flows_[partition] = {};
}

void Intake::StopAll() {
  std::vector<Partition> running;
  for (auto& [partition, flow] : flows_) {
    if (!flow.is_paused) running.push_back(partition);
    flow = {.end = flow.end};
  }
  if (!running.empty()) source_.Pause(running);
}

void Intake::Measure(std::size_t pending, std::size_t bytes) {
  // A pause throws the read-ahead away, so a quarter must be free before reading goes on.
  const bool has_reached = pending >= limits_.pending || bytes >= limits_.bytes;
  const bool has_left = pending <= limits_.pending / 4 * 3 && bytes <= limits_.bytes / 4 * 3;
  is_full_ = has_reached || (is_full_ && !has_left);
}

void Intake::HasRead(Partition partition, TimePoint now) {
  Flow& flow = flows_.at(partition);
  flow.quiet_since = now;
  flow.stalls = 0;
}

void Intake::LearnEnds(const std::vector<PartitionOffset>& ends) {
  for (const auto& [partition, end] : ends) {
    if (const auto flow = flows_.find(partition); flow != flows_.end()) flow->second.end = end;
  }
}

void Intake::Steer(TimePoint now, bool is_wanted, const Tasks& tasks) {
  std::vector<Partition> to_pause;
  std::vector<Partition> to_resume;
  for (auto& [partition, flow] : flows_) {
    const Task& task = tasks.at(partition);
    if (task.state() != Task::State::kRunning) continue;
    if (flow.needs_seek || IsStalled(flow, task, now)) StartAnew(partition, flow, task, now);
    if (flow.needs_seek) continue;
    const bool shall_flow = is_wanted && task.span() < limits_.span;
    if (shall_flow == !flow.is_paused) continue;
    (shall_flow ? to_resume : to_pause).push_back(partition);
    flow.is_paused = !shall_flow;
    flow.quiet_since = now;
  }
  if (!to_pause.empty()) source_.Pause(to_pause);
  if (!to_resume.empty()) source_.Resume(to_resume);
}

std::int64_t Intake::Lag(const Tasks& tasks) const {
  std::int64_t lag = 0;
  for (const auto& [partition, flow] : flows_) {
    const Task& task = tasks.at(partition);
    if (task.state() == Task::State::kRunning) {
      lag += std::max<std::int64_t>(0, flow.end - task.NextToRead());
    }
  }
  return lag;
}

bool Intake::IsStalled(const Flow& flow, const Task& task, TimePoint now) const {
  constexpr int kMostDoublings = 5;
  const auto patience = limits_.stall * (1 << std::min(flow.stalls, kMostDoublings));
  return !flow.is_paused && flow.end > task.NextToRead() && now - flow.quiet_since >= patience;
}

void Intake::StartAnew(Partition partition, Flow& flow, const Task& task, TimePoint now) {
  if (!flow.needs_seek) {
    events_.ReadingStalled(partition, task.NextToRead());
    ++flow.stalls;
  }
  flow.quiet_since = now;
  flow.needs_seek = !source_.Seek(partition, task.NextToRead());
}

}  // namespace consumer
