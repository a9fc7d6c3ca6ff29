#include "consumer/lane/commit_flow.h"

#include <algorithm>
#include <utility>

namespace consumer {
namespace {

/// Until the group has settled, or the rebalance callback has come.
constexpr std::chrono::milliseconds kMembershipRetry{100};

void Append(Outbox::Disposed& all, Outbox::Disposed more) {
  std::move(more.completions.begin(), more.completions.end(), std::back_inserter(all.completions));
  for (const auto& [row, count] : more.duplicates) all.duplicates[row] += count;
}

}  // namespace

CommitFlow::CommitFlow(Settings settings, Source& source, Committer& committer, LaneEvents& events,
                       WallClock wall_now, MakeDeadLetter oversized)
    : settings_(settings),
      source_(source),
      committer_(committer),
      events_(events),
      wall_now_(std::move(wall_now)),
      oversized_(std::move(oversized)),
      outbox_(settings.batch) {}

CommitFlow::Progress CommitFlow::TakeReport(TimePoint now) {
  std::optional<CommitReport> report = committer_.TakeReport();
  if (!report) return {};
  return Apply(*std::move(report), now);
}

void CommitFlow::HandOver(TimePoint now, Tasks& tasks) {
  if (!due_at_ && HasSomething(tasks)) due_at_ = now + settings_.interval;
  if (is_with_committer() || !due_at_) return;
  const bool is_full = state_ == State::kIdle && outbox_.IsFull();
  if (now < *due_at_ && !is_full) return;
  if (state_ == State::kIdle) {
    batch_ = outbox_.Close(tasks, wall_now_());
    state_ = State::kToRepeat;
  }
  Submit(now);
}

CommitFlow::Progress CommitFlow::Finish(common::Deadline deadline, Tasks& tasks) {
  Progress all;
  while (true) {
    if (state_ == State::kIdle) {
      if (!HasSomething(tasks)) return all;
      batch_ = outbox_.Close(tasks, wall_now_());
      state_ = State::kToRepeat;
    }
    const TimePoint now = common::Deadline::Clock::now();
    if (state_ == State::kToRepeat && !Submit(now)) return all;
    std::optional<CommitReport> report = committer_.WaitReport(deadline);
    if (!report) return all;
    const bool was_abandoned = state_ == State::kAbandoned;
    Progress progress = Apply(*std::move(report), now);
    Append(all.disposed, std::move(progress.disposed));
    all.must_restore = all.must_restore || progress.must_restore;
    all.is_fenced = all.is_fenced || progress.is_fenced;
    if (!was_abandoned && state_ != State::kIdle) return all;
    if (progress.must_restore || deadline.HasPassed()) return all;
  }
}

void CommitFlow::Drop() {
  outbox_.Clear();
  batch_ = {};
  repeats_ = 0;
  due_at_.reset();
  state_ = is_with_committer() ? State::kAbandoned : State::kIdle;
}

CommitFlow::TimePoint CommitFlow::NextDue() const {
  return is_with_committer() || !due_at_ ? TimePoint::max() : *due_at_;
}

bool CommitFlow::HasSomething(const Tasks& tasks) const {
  return !outbox_.is_empty() || std::any_of(tasks.begin(), tasks.end(), [](const auto& entry) {
    return entry.second.HasMoved();
  });
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
  state_ = State::kUnderWay;
  due_at_.reset();
  return true;
}

CommitFlow::Progress CommitFlow::Apply(CommitReport report, TimePoint now) {
  events_.TransactionEnded(report);
  Progress progress;
  progress.is_fenced = report.is_fenced;
  if (std::exchange(state_, State::kIdle) == State::kAbandoned) return progress;
  switch (report.outcome) {
    case CommitOutcome::kCommitted:
      repeats_ = 0;
      progress.disposed = outbox_.Committed();
      return progress;
    case CommitOutcome::kUnknown:
      repeats_ = 0;
      progress.must_restore = true;
      return progress;
    case CommitOutcome::kAborted:
      break;
  }
  batch_ = std::move(report.batch);
  state_ = State::kToRepeat;
  const bool is_mended = MendOversized(report.too_large);
  due_at_ = is_mended ? now : now + settings_.repeat.Delay(repeats_++, 1.0);
  return progress;
}

// A broker refuses all records of one request together, so only the largest is surely at fault.
bool CommitFlow::MendOversized(const std::vector<std::size_t>& too_large) {
  const auto largest =
      std::max_element(too_large.begin(), too_large.end(), [&](std::size_t a, std::size_t b) {
        return batch_.records.at(a).bytes() < batch_.records.at(b).bytes();
      });
  if (largest == too_large.end()) return false;
  if (batch_.records.at(*largest).topic != OutgoingTopic::kProcesses) return false;
  outbox_.ReplaceByDeadLetter(batch_, *largest, oversized_, wall_now_());
  return true;
}

}  // namespace consumer
