#include "consumer/lane/commit_flow.h"

#include <algorithm>
#include <utility>

namespace consumer {
namespace {

/// Until the group has settled, or the rebalance callback has run.
constexpr std::chrono::milliseconds kMembershipRetry{100};
/// Set-aside completions are not retried at the end: that would only cost the others time.
constexpr CommitFlow::TimePoint kNothingDue = CommitFlow::TimePoint::min();

void Append(Outbox::Disposed& all, Outbox::Disposed more) {
  std::move(more.completions.begin(), more.completions.end(), std::back_inserter(all.completions));
  for (const auto& [row, count] : more.duplicates) all.duplicates[row] += count;
}

}  // namespace

CommitFlow::CommitFlow(Settings settings, Source& source, Committer& committer, LaneEvents& events,
                       WallClock wall_now, Outbox::MakeDeadLetter unreadable)
    : settings_(settings),
      pace_(settings.interval),
      source_(source),
      committer_(committer),
      events_(events),
      wall_now_(std::move(wall_now)),
      outbox_(settings.batch, events, std::move(unreadable)) {}

CommitFlow::Progress CommitFlow::HandleReport(TimePoint now, Tasks& tasks) {
  std::optional<CommitReport> report = committer_.TakeReport();
  if (!report) return {};
  return Apply(*std::move(report), now, tasks);
}

void CommitFlow::HandOver(TimePoint now, Tasks& tasks) {
  if (!due_at_ && HasWork(now, tasks)) due_at_ = pace_.DueAt(now);
  if (is_with_committer() || !due_at_) return;
  const bool is_full = state_ == State::kIdle && outbox_.IsFull();
  if (now < *due_at_ && !is_full) return;
  if (state_ == State::kIdle && !CloseBatch(now, tasks)) return;
  Submit(now);
}

CommitFlow::Progress CommitFlow::Finish(common::Deadline deadline, Tasks& tasks) {
  Progress all;
  while (true) {
    const TimePoint now = common::Deadline::Clock::now();
    const bool is_open = state_ != State::kIdle;
    if (!is_open && !(HasWork(kNothingDue, tasks) && CloseBatch(kNothingDue, tasks))) {
      return all;
    }
    if (state_ == State::kToRepeat && !Submit(now)) return all;
    std::optional<CommitReport> report = committer_.WaitReport(deadline);
    if (!report) return all;
    const bool was_abandoned = state_ == State::kAbandoned;
    Progress progress = Apply(*std::move(report), now, tasks);
    Append(all.disposed, std::move(progress.disposed));
    all.to_restore.merge(progress.to_restore);
    all.is_fenced = all.is_fenced || progress.is_fenced;
    if (!was_abandoned && state_ != State::kIdle) return all;
    if (!all.to_restore.empty() || deadline.HasPassed()) return all;
  }
}

void CommitFlow::Drop() {
  outbox_.Clear();
  batch_ = {};
  repeats_ = 0;
  due_at_.reset();
  state_ = is_with_committer() ? State::kAbandoned : State::kIdle;
}

void CommitFlow::Drop(const std::set<Partition>& partitions, TimePoint now, Tasks& tasks) {
  outbox_.Drop(partitions, now);
  if (state_ != State::kToRepeat || !outbox_.HasDropped()) return;
  outbox_.RequeueWhole(std::exchange(batch_, {}), tasks, now);
  state_ = State::kIdle;
}

CommitFlow::TimePoint CommitFlow::NextDue() const {
  if (is_with_committer()) return TimePoint::max();
  // Until the batch is due, nothing that was set aside can be handed over either.
  return due_at_ ? *due_at_ : outbox_.set_aside().NextDue();
}

bool CommitFlow::HasWork(TimePoint now, const Tasks& tasks) const {
  return outbox_.HasWork(now) || std::any_of(tasks.begin(), tasks.end(), [](const auto& entry) {
           return entry.second.HasMoved();
         });
}

/// False: all waiting completions must continue to wait.
bool CommitFlow::CloseBatch(TimePoint now, Tasks& tasks) {
  batch_ = outbox_.Close(tasks, now, wall_now_());
  if (batch_.is_empty()) {
    due_at_.reset();
    return false;
  }
  state_ = State::kToRepeat;
  return true;
}

bool CommitFlow::Submit(TimePoint now) {
  std::optional<GroupMembership> membership = source_.Membership();
  if (!membership || !membership->IsFenceable()) {
    events_.CommitWithheld();
    due_at_ = now + kMembershipRetry;
    return false;
  }
  batch_.membership = *std::move(membership);
  committer_.Submit(std::exchange(batch_, {}));
  pace_.Begun(now);
  state_ = State::kUnderWay;
  due_at_.reset();
  return true;
}

CommitFlow::Progress CommitFlow::Apply(CommitReport report, TimePoint now, Tasks& tasks) {
  events_.TransactionEnded(report);
  Progress progress;
  progress.is_fenced = report.is_fenced;
  if (std::exchange(state_, State::kIdle) == State::kAbandoned) return progress;
  const bool is_whole = !outbox_.HasDropped();
  if (report.outcome == CommitOutcome::kAborted && report.refusals.empty()) {
    due_at_ = now + settings_.repeat.Delay(repeats_++, 1.0);
    if (!is_whole) {
      outbox_.RequeueWhole(std::move(report.batch), tasks, now);
      return progress;
    }
    batch_ = std::move(report.batch);
    state_ = State::kToRepeat;
    return progress;
  }
  repeats_ = 0;
  switch (report.outcome) {
    case CommitOutcome::kCommitted:
      progress.disposed = outbox_.Committed(tasks);
      break;
    case CommitOutcome::kUnknown:
      for (const PartitionOffset& offset : report.batch.offsets) {
        const bool is_known = !report.unknown.empty() && !report.unknown.contains(offset.partition);
        if (!is_known) progress.to_restore.insert(offset.partition);
      }
      outbox_.Drop(progress.to_restore, now);
      outbox_.RequeueWhole(std::move(report.batch), tasks, now);
      break;
    case CommitOutcome::kAborted:
      outbox_.Refused(std::move(report.batch), report.refusals, tasks, now, wall_now_());
      break;
  }
  if (outbox_.HasParts()) due_at_ = now;
  return progress;
}

}  // namespace consumer
