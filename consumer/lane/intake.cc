#include "consumer/lane/intake.h"

#include <algorithm>

namespace consumer {
namespace {

/// Two are sought again, the third is for a new client to cure.
constexpr int kStallsPerClient = 3;
/// Ends are looked up every 5 s.
constexpr std::chrono::seconds kEndIsCurrent{15};

}  // namespace

void Intake::Assigned(const std::vector<Partition>& partitions) {
  flows_.clear();
  for (const Partition partition : partitions) flows_[partition] = {};
}

void Intake::StopAll() {
  std::vector<Partition> running;
  for (auto& [partition, flow] : flows_) {
    if (!flow.is_paused) running.push_back(partition);
    flow = {.end = flow.end, .committed = std::nullopt, .learned_at = flow.learned_at};
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
  flows_.at(partition).quiet_since = now;
  stalls_.erase(partition);
}

void Intake::Learn(const std::vector<LogBounds>& bounds, TimePoint now) {
  for (const LogBounds& learned : bounds) {
    const auto flow = flows_.find(learned.partition);
    if (flow == flows_.end()) continue;
    flow->second.end = learned.end;
    flow->second.committed = learned.committed;
    flow->second.learned_at = now;
  }
}

void Intake::Steer(TimePoint now, bool is_wanted, const Tasks& tasks) {
  std::vector<Partition> to_pause;
  std::vector<Partition> to_resume;
  for (auto& [partition, flow] : flows_) {
    const Task& task = tasks.at(partition);
    if (task.state() != Task::State::kRunning) continue;
    if (IsStalled(partition, flow, task, now)) CountStall(partition, flow, task, now);
    if (flow.needs_seek) {
      flow.quiet_since = now;
      flow.needs_seek = !source_.Seek(partition, task.NextToRead());
    }
    if (flow.needs_seek) continue;
    if (is_wanted == !flow.is_paused) continue;
    (is_wanted ? to_resume : to_pause).push_back(partition);
    flow.is_paused = !is_wanted;
    flow.quiet_since = now;
  }
  if (!to_pause.empty()) source_.Pause(to_pause);
  if (!to_resume.empty()) source_.Resume(to_resume);
}

std::int64_t Intake::Lag(const Tasks& tasks) const {
  std::int64_t lag = 0;
  for (const auto& [partition, flow] : flows_) {
    const Task& task = tasks.at(partition);
    const bool is_running = task.state() == Task::State::kRunning;
    const Offset next = is_running ? task.NextToRead() : flow.committed.value_or(flow.end);
    lag += std::max<std::int64_t>(0, flow.end - next);
  }
  return lag;
}

// An end that is not looked up any more tells that the partition's brokers are away, not that we do
// not read.
bool Intake::IsStalled(Partition partition, const Flow& flow, const Task& task,
                       TimePoint now) const {
  constexpr int kMostDoublings = 5;
  if (flow.is_paused || flow.needs_seek || flow.end <= task.NextToRead()) return false;
  if (now - flow.learned_at > kEndIsCurrent) return false;
  const auto stalls = stalls_.find(partition);
  const int clients = stalls == stalls_.end() ? 0 : stalls->second / kStallsPerClient;
  return now - flow.quiet_since >= limits_.stall * (1 << std::min(clients, kMostDoublings));
}

void Intake::CountStall(Partition partition, Flow& flow, const Task& task, TimePoint now) {
  events_.ReadingStalled(partition, task.NextToRead());
  flow.quiet_since = now;
  if (++stalls_[partition] % kStallsPerClient == 0) {
    needs_new_client_ = true;
  } else {
    flow.needs_seek = true;
  }
}

}  // namespace consumer
