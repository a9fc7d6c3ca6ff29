#include "consumer/lane/intake.h"

#include <algorithm>

#include "consumer/lane/log_life.h"

namespace consumer {
namespace {

/// Two stalls are answered by seeking, the third by a new client.
constexpr int kStallsPerClient = 3;
/// A log can refuse each position: for want of a right, say.
constexpr std::chrono::seconds kBetweenRefusals{10};
/// Ends are looked up every 5 s.
constexpr std::chrono::seconds kEndIsCurrent{15};
/// A begin that was looked up before a gap was passed says nothing about the gap, and a new leader
/// may know it late.
constexpr std::chrono::seconds kGapIsJudged{15};
constexpr std::size_t kMostGaps = 256;  ///< Each transaction of a mirroring tool leaves one.

}  // namespace

void Intake::Assigned(const std::vector<Partition>& partitions) {
  flows_.clear();
  for (const Partition partition : partitions) flows_[partition] = {};
}

void Intake::Revoked() {
  flows_.clear();
  is_refused_ = false;
}

void Intake::ReadAgain(const Tasks& tasks) {
  std::map<Partition, Offset> positions;
  for (const auto& [partition, flow] : flows_) {
    const Task& task = tasks.at(partition);
    if (task.state() != Task::State::kRunning || !IsReading(partition)) continue;
    positions[partition] = task.NextToRead();
  }
  if (positions.empty()) return;
  const std::set<Partition> sought = source_.Seek(positions);
  for (const auto& [partition, position] : positions) {
    flows_.at(partition).needs_seek = !sought.contains(partition);
  }
}

void Intake::Stop(const std::set<Partition>& partitions) {
  std::vector<Partition> running;
  for (auto& [partition, flow] : flows_) {
    if (!partitions.contains(partition)) continue;
    if (!flow.is_paused) running.push_back(partition);
    Flow stopped;
    stopped.end = flow.end;
    stopped.readable = flow.readable;
    stopped.learned_at = flow.learned_at;
    stopped.begin = flow.begin;
    stopped.looked_up_at = flow.looked_up_at;
    stopped.gaps = std::move(flow.gaps);
    stopped.has_gone_back = flow.has_gone_back;
    flow = std::move(stopped);
  }
  if (!running.empty()) source_.Pause(running);
}

void Intake::Restored(Partition partition, Offset known_from) {
  Flow& flow = flows_.at(partition);
  flow.needs_seek = true;
  flow.has_gone_back = false;
  if (flow.learned_at) flow.first_end = flow.readable;
  std::erase_if(flow.gaps, [&](const Flow::Gap& gap) { return gap.from >= known_from; });
  for (Flow::Gap& gap : flow.gaps) gap.to = std::min(gap.to, known_from);
}

void Intake::Measure(std::size_t pending, std::size_t bytes) {
  // A pause drops the read-ahead, so resume only once a quarter is free.
  const bool has_reached = pending >= limits_.pending || bytes >= limits_.bytes;
  const bool has_left = pending <= limits_.pending / 4 * 3 && bytes <= limits_.bytes / 4 * 3;
  is_full_ = has_reached || (is_full_ && !has_left);
}

void Intake::HasRead(Partition partition, TimePoint now) {
  flows_.at(partition).quiet_since = now;
  stalls_.erase(partition);
}

void Intake::Passed(Partition partition, Offset from, Offset to, TimePoint now) {
  Flow& flow = flows_.at(partition);
  flow.gaps.push_back({from, to, now});
  if (flow.gaps.size() > kMostGaps) flow.gaps.pop_front();
  CountExpired(partition, flow);
}

void Intake::AtEnd(Partition partition, Offset offset, TimePoint now, Tasks& tasks) {
  const auto found = tasks.find(partition);
  if (found == tasks.end() || found->second.state() != Task::State::kRunning) return;
  // The end that a client had reached before the last seek is outdated.
  if (!IsReading(partition) || offset <= found->second.NextToRead()) return;
  Passed(partition, found->second.NextToRead(), offset, now);
  found->second.Skip(offset);
}

void Intake::PositionRefused(Partition partition) {
  if (flows_.contains(partition)) is_refused_ = true;
}

bool Intake::TakeNewClientRequest(TimePoint now) {
  if (is_refused_ && now >= next_refusal_at_) {
    is_refused_ = false;
    next_refusal_at_ = now + kBetweenRefusals;
    needs_new_client_ = true;
  }
  return std::exchange(needs_new_client_, false);
}

bool Intake::IsReading(Partition partition) const {
  const Flow& flow = flows_.at(partition);
  return !flow.is_paused && !flow.needs_seek;
}

void Intake::Learn(const std::vector<LogBounds>& bounds, TimePoint now, Tasks& tasks) {
  for (const LogBounds& learned : bounds) {
    const auto found = flows_.find(learned.partition);
    if (found == flows_.end()) continue;
    Flow& flow = found->second;
    flow.begin = learned.begin;
    flow.end = learned.end;
    flow.readable = learned.readable.value_or(learned.end);
    if (!flow.first_end) flow.first_end = flow.readable;
    flow.committed = learned.committed;
    flow.learned_at = now;
    flow.looked_up_at = learned.looked_up_at;
    Task& task = tasks.at(learned.partition);
    const bool is_restored_since = learned.committed && task.state() == Task::State::kRunning;
    if (learned.went_back && !is_restored_since) {
      flow.gaps.clear();  // They were of another log.
      flow.has_gone_back = true;
    }
    CountExpired(learned.partition, flow);
    // The records in question may have been read already; reading itself reports losses.
    if (task.state() != Task::State::kRunning || IsReading(learned.partition)) continue;
    if (flow.begin <= task.NextToRead()) continue;
    events_.ExpiredUnread(learned.partition, task.NextToRead(), flow.begin);
    task.Skip(flow.begin);
    flow.needs_seek = true;
  }
}

void Intake::CountExpired(Partition partition, Flow& flow) {
  while (!flow.gaps.empty()) {
    const Flow::Gap& oldest = flow.gaps.front();
    const bool is_judged =
        flow.looked_up_at && *flow.looked_up_at - oldest.passed_at >= kGapIsJudged;
    if (flow.begin <= oldest.from && !is_judged) return;
    if (flow.begin > oldest.from) {
      events_.ExpiredUnread(partition, oldest.from, std::min(flow.begin, oldest.to));
    }
    flow.gaps.pop_front();
  }
}

void Intake::Steer(TimePoint now, bool is_wanted, const Tasks& tasks, const SetAside& set_aside) {
  const std::size_t share =
      std::max<std::size_t>(1, limits_.pending / 2 / std::max<std::size_t>(1, flows_.size()));
  std::vector<Partition> to_pause;
  std::vector<Partition> to_resume;
  SeekWhereNeeded(now, tasks);
  for (auto& [partition, flow] : flows_) {
    const Task& task = tasks.at(partition);
    if (task.state() != Task::State::kRunning || flow.needs_seek) continue;
    if (!flow.caught_up_at && flow.first_end && task.NextToRead() >= *flow.first_end) {
      flow.caught_up_at = now;
    }
    const bool shall_flow = is_wanted && set_aside.CountOf(partition) < share;
    if (shall_flow == !flow.is_paused) continue;
    (shall_flow ? to_resume : to_pause).push_back(partition);
    flow.is_paused = !shall_flow;
    flow.quiet_since = now;
  }
  if (!to_pause.empty()) source_.Pause(to_pause);
  if (!to_resume.empty()) source_.Resume(to_resume);
}

void Intake::SeekWhereNeeded(TimePoint now, const Tasks& tasks) {
  std::map<Partition, Offset> to_seek;
  for (auto& [partition, flow] : flows_) {
    const Task& task = tasks.at(partition);
    if (task.state() != Task::State::kRunning) continue;
    if (IsStalled(partition, flow, task, now)) CountStall(partition, flow, task, now);
    if (!flow.needs_seek) continue;
    flow.quiet_since = now;
    to_seek[partition] = task.NextToRead();
  }
  if (to_seek.empty()) return;
  for (const Partition partition : source_.Seek(to_seek)) flows_.at(partition).needs_seek = false;
}

std::optional<std::int64_t> Intake::Lag(const Tasks& tasks, TimePoint now) const {
  std::int64_t lag = 0;
  for (const auto& [partition, flow] : flows_) {
    if (!IsCurrent(flow, now)) return std::nullopt;
    const Task& task = tasks.at(partition);
    const bool is_running = task.state() == Task::State::kRunning;
    if (!is_running && !flow.committed) return std::nullopt;
    // The looked-up end may be older than the records that a running task has read since.
    Offset next = is_running ? std::min(task.NextToRead(), flow.end) : *flow.committed;
    // The log went back, as an earlier look has told, and will be read from its beginning.
    if (!is_running && flow.has_gone_back) next = flow.begin;
    lag += CountUnread(next, {.begin = flow.begin, .end = flow.end});
  }
  return lag;
}

bool Intake::IsCurrent(const Flow& flow, TimePoint now) {
  return flow.learned_at && now - *flow.learned_at <= kEndIsCurrent;
}

// If ends cannot be looked up, the partition's brokers are unavailable: not a stall. Behind the
// open transaction of another writer there is nothing to read.
bool Intake::IsStalled(Partition partition, const Flow& flow, const Task& task,
                       TimePoint now) const {
  constexpr int kMostDoublings = 5;
  if (flow.is_paused || flow.needs_seek || flow.readable <= task.NextToRead()) return false;
  if (!IsCurrent(flow, now)) return false;
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
