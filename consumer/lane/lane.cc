#include "consumer/lane/lane.h"

#include <algorithm>
#include <utility>

namespace consumer {
namespace {

using std::chrono::milliseconds;

constexpr int kRecordsPerTurn = 1'000;
/// Bounds the cost of a missed queue wake-up.
constexpr milliseconds kIdleTurn{100};

}  // namespace

Lane::Lane(LaneSettings settings, const common::ProviderTable& providers, Ports ports,
           std::function<common::WallTime()> wall_now)
    : settings_(std::move(settings)),
      providers_(providers),
      reach_(providers.DedupReach()),
      ports_(ports),
      wall_now_(std::move(wall_now)),
      restores_(ports.restorer),
      group_(settings_.join_within, ports.events),
      intake_(settings_.intake, ports.source, ports.events),
      commits_(settings_.commit, ports.source, ports.committer, ports.events, wall_now_,
               [this](const Completion& completion) {
                 const int http_status = completion.is_fetched ? 200 : 0;
                 return MakeDeadLetter(pending_.At(completion.id), completion.effort,
                                       {common::DeadReason::kUnreadableResponse, http_status, {}});
               }) {
  if (!settings_.expected) return;
  expected_.emplace(*settings_.expected, providers_,
                    ExpectedFlow::Ports{.announcements = *ports_.announcements,
                                        .fetcher = ports_.fetcher,
                                        .events = ports_.events,
                                        .unit_random = ports_.unit_random,
                                        .new_id = [this] { return pending_.ReserveId(); }});
}

void Lane::Turn(TimePoint now) {
  now_ = now;
  wall_time_ = wall_now_();
  has_more_ = ports_.source.Poll(*this, kRecordsPerTurn);
  Apply(commits_.HandleReport(now, tasks_));
  restores_.Steer(commits_.is_with_committer(), tasks_);
  HandleRestored();
  HandleBounds();
  HandleResults();
  FetchDropped();
  if (expected_) WatchExpected();
  commits_.HandOver(now, tasks_);
  intake_.Steer(now, WantsIntake(), tasks_, commits_.outbox().set_aside());
  RenewClientIfNeeded();
  if (now >= measure_at_) Measure();
}

Lane::TimePoint Lane::NextDue(TimePoint now) const {
  if (has_more_ || (expected_ && expected_->has_more())) return now;
  const TimePoint next = std::min(now + kIdleTurn, commits_.NextDue());
  return TakesResults() ? std::min(next, ports_.fetcher.NextDue(now)) : next;
}

void Lane::Close() { ports_.source.Close(*this); }

void Lane::Assigned(const std::vector<Partition>& partitions) {
  Drop();
  group_.Assigned();
  ports_.events.Assigned(partitions.size());
  intake_.Assigned(partitions);
  tasks_.clear();
  for (const Partition partition : partitions) tasks_.emplace(partition, Task(reach_));
  const bool is_blocked = commits_.is_with_committer();
  restores_.Begin(partitions, is_blocked, now_);
  restores_.Steer(is_blocked, tasks_);
}

void Lane::Revoked(bool is_lost) {
  ports_.events.Revoked(tasks_.size(), is_lost);
  ports_.fetcher.CancelAll();
  if (is_lost) {
    ports_.committer.Recycle();
  } else {
    Apply(commits_.Finish(common::Deadline::After(settings_.finish), tasks_));
    if (expected_) ports_.fetcher.CancelAll();
  }
  Drop();
  group_.Revoked();
  intake_.Revoked();
  tasks_.clear();
  restores_.Cancel();
}

void Lane::WatchExpected() {
  const Moment now{now_, wall_time_};
  for (const auto& [id, topic, reason] : commits_.outbox().TakeGivenUp()) {
    TakeAgain(topic == OutgoingTopic::kProcesses ? expected_->results().Refused(id, reason, tasks_)
                                                 : expected_->results().GivenUp(id, now, tasks_));
  }
  const bool may_look = !is_held_ && !group_.change() && TakesResults();
  expected_->Turn(now, may_look, tasks_);
}

void Lane::HandleRestored() {
  for (RestoredPartition& restored : ports_.restorer.TakeRestored()) {
    const Partition partition = restored.partition;
    const auto task = tasks_.find(partition);
    if (!restores_.IsCurrent(restored) || task == tasks_.end()) continue;
    if (task->second.state() != Task::State::kRestoring) continue;
    ports_.committer.HasSeen(restored.basis);
    ports_.events.Restored(partition, restored.start, restored.table.size(), restored.elapsed);
    const bool is_told = restores_.TakeWentBack(partition);
    if (restored.went_back && !is_told) {
      ports_.events.LogWentBack(partition, restored.committed, restored.start);
    } else if (!restored.went_back && restored.start > restored.committed) {
      ports_.events.ExpiredUnread(partition, restored.committed, restored.start);
    }
    intake_.Restored(partition, restored.went_back ? 0 : restored.committed);
    task->second.Restored(std::move(restored));
    if (expected_) expected_->Restored(partition, {now_, wall_time_});
  }
  for (const EndedTransaction& ended : ports_.restorer.TakeEnded()) {
    ports_.events.ForgottenEnded(ended);
    group_.ProducerFencedByOurselves();
    ports_.committer.Recycle();
  }
}

void Lane::HandleBounds() {
  const std::vector<LogBounds> bounds = ports_.restorer.TakeBounds();
  intake_.Learn(bounds, now_, tasks_);
  if (expected_) expected_->Learn(bounds, {now_, wall_time_});
  std::set<Partition> to_restore;
  for (const LogBounds& bound : bounds) {
    const auto found = tasks_.find(bound.partition);
    if (!bound.went_back || found == tasks_.end()) continue;
    if (found->second.state() != Task::State::kRunning) continue;
    ports_.events.LogWentBack(bound.partition, found->second.NextToRead(), bound.begin);
    restores_.LogWentBack(bound.partition);
    to_restore.insert(bound.partition);
  }
  if (!to_restore.empty()) RestoreAgain(to_restore);
}

void Lane::RestoreAgain(const std::set<Partition>& partitions) {
  const bool is_restoring = std::ranges::any_of(
      tasks_, [](const auto& entry) { return entry.second.state() == Task::State::kRestoring; });
  ports_.fetcher.Cancel(pending_.RemoveOf(partitions));
  if (expected_) ports_.fetcher.Cancel(expected_->Drop(partitions));
  commits_.Drop(partitions, now_, tasks_);
  intake_.Measure(pending_.size(), pending_.bytes() + commits_.outbox().bytes());
  intake_.Stop(partitions);
  for (const Partition partition : partitions) tasks_.at(partition) = Task(reach_);
  restores_.BeginSome(is_restoring, now_);
  restores_.Steer(commits_.is_with_committer(), tasks_);
}

void Lane::Drop() {
  commits_.Drop();
  pending_.Clear();
  if (expected_) expected_->Clear();
  intake_.Measure(0, 0);
}

bool Lane::WantsIntake() const {
  return !is_held_ && !group_.change() && !intake_.is_full() && ports_.fetcher.WantsIntake();
}

void Lane::RenewClientIfNeeded() {
  std::optional<GroupWatch::Renewal> renewal =
      group_.FindStuck(intake_.TakeNewClientRequest(), now_);
  const std::optional<common::Error> failure = ports_.source.failure();
  if (!renewal && failure) {
    renewal = group_.SourceFailed(*failure, ports_.source.fencing_doubt(), now_);
  }
  if (!renewal) return;
  ports_.events.ClientRenewed(renewal->why);
  ports_.source.Renew(*this, renewal->name);
}

}  // namespace consumer
