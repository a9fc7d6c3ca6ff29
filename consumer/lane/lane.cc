#include "consumer/lane/lane.h"

#include <algorithm>
#include <utility>

#include "consumer/lane/lane_meter.h"
#include "consumer/state/reading_pauses.h"

namespace consumer {
namespace {

using std::chrono::milliseconds;

constexpr int kRecordsPerTurn = 1'000;
/// Bounds the cost of a missed queue wake-up.
constexpr milliseconds kIdleTurn{100};
constexpr milliseconds kLookAroundEvery{250};
/// So long between two turns, and a pause in reading would have been noticed.
constexpr milliseconds kStoodStill = ReadingPauses::kPause;

AccountShares SharesOf(const LaneSettings& settings) {
  return {{settings.intake.pending, settings.intake.bytes}, settings.accounts.count()};
}

}  // namespace

Lane::Lane(LaneSettings settings, const common::ProviderTable& providers, Ports ports,
           std::function<common::WallTime()> wall_now)
    : settings_(std::move(settings)),
      providers_(providers),
      ports_(std::move(ports)),
      wall_now_(std::move(wall_now)),
      restores_({ports_.restorer, ports_.committer, ports_.events}),
      group_(settings_.join_within, ports_.events),
      intake_(settings_.intake, ports_.source, ports_.events),
      commits_(settings_.commit, ports_.source, ports_.committer, ports_.events, wall_now_,
               [this](const Completion& refused) { return callbacks_.LetterOfRefused(refused); }),
      expected_(MakeExpected()),
      callbacks_(
          providers_, SharesOf(settings_),
          CompletionMaker({settings_.callbacks_topic, settings_.publish}, ports_.events, wall_now_),
          {.tasks = tasks_,
           .outbox = commits_.outbox(),
           .intake = intake_,
           .fetcher = ports_.fetcher,
           .events = ports_.events,
           .accounts = settings_.accounts,
           .expected = expected_.get(),
           .traces = ports_.traces},
          wall_now_),
      second_reading_(SharesOf(settings_), settings_.others_have,
                      {.tasks = tasks_,
                       .pending = callbacks_.pending(),
                       .intake = intake_,
                       .fetcher = ports_.fetcher,
                       .restorer = ports_.restorer}) {}

std::unique_ptr<ExpectedFlow> Lane::MakeExpected() {
  if (!settings_.expected) return nullptr;
  return std::make_unique<ExpectedFlow>(
      *settings_.expected, providers_,
      ExpectedFlow::Ports{.announcements = *ports_.announcements,
                          .fetcher = ports_.fetcher,
                          .events = ports_.events,
                          .accounts = settings_.accounts,
                          .unit_random = ports_.unit_random,
                          .new_id = [this] { return callbacks_.NewId(); }});
}

void Lane::Turn(TimePoint now) {
  // Seeking may take as long itself: not in each turn.
  has_sought_ = !has_sought_ && now - now_.steady >= kStoodStill;
  now_ = {now, wall_now_()};
  if (has_sought_) intake_.ReadAgain(tasks_);
  has_more_ = ports_.source.Poll(*this, kRecordsPerTurn);
  Apply(commits_.HandleReport(now, tasks_));
  restores_.Steer(commits_.is_with_committer(), tasks_);
  TakeRestored();
  TakeBounds();
  if (TakesResults()) callbacks_.TakeResults(now_);
  callbacks_.FetchDropped(now_);
  if (settings_.accounts.count() > 1) ReadPassedOver();
  if (expected_) WatchExpected();
  commits_.HandOver(now, tasks_);
  intake_.Steer(now, WantsIntake(), tasks_, commits_.outbox().set_aside());
  RenewClientIfNeeded();
  if (now >= look_around_at_) LookAround();
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
  for (const Partition partition : partitions) {
    tasks_.emplace(partition, Task(providers_.DedupReach()));
  }
  const bool is_blocked = commits_.is_with_committer();
  restores_.Begin(partitions, is_blocked, now_.steady);
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

bool Lane::Take(const ArrivedRecord& record) {
  callbacks_.Take(record, now_);
  return WantsIntake();
}

void Lane::AtEnd(Partition partition, Offset offset) {
  intake_.AtEnd(partition, offset, now_.steady, tasks_);
}

void Lane::PositionRefused(Partition partition) { intake_.PositionRefused(partition); }

bool Lane::WantsIntake() const {
  return !is_held_ && !group_.change() && !intake_.is_full() && ports_.fetcher.WantsIntake();
}

void Lane::Apply(const CommitFlow::Progress& progress) {
  callbacks_.Committed(progress.disposed, now_);
  if (progress.is_fenced) group_.ProducerFenced(now_.steady);
  if (!progress.to_restore.empty()) RestoreAgain(progress.to_restore);
}

void Lane::TakeRestored() {
  for (const auto& [partition, known_from] : restores_.TakeRestored(tasks_)) {
    intake_.Restored(partition, known_from);
    if (expected_) expected_->Restored(partition, now_);
  }
  for (const EndedTransaction& ended : ports_.restorer.TakeEnded()) {
    ports_.events.ForgottenEnded(ended);
    group_.ProducerFencedByOurselves();
    ports_.committer.Recycle();
  }
}

void Lane::TakeBounds() {
  const std::vector<LogBounds> bounds = ports_.restorer.TakeBounds();
  intake_.Learn(bounds, now_.steady, tasks_);
  if (expected_) expected_->Learn(bounds, now_);
  const std::set<Partition> went_back = restores_.FindWentBack(bounds, tasks_);
  if (!went_back.empty()) RestoreAgain(went_back);
}

void Lane::WatchExpected() {
  callbacks_.TakeGivenUp(now_);
  const bool may_look = !is_held_ && !group_.change() && TakesResults();
  expected_->Turn(now_, may_look, tasks_);
}

void Lane::RestoreAgain(const std::set<Partition>& partitions, Reread why) {
  const bool is_restoring = IsRestoring();
  callbacks_.Drop(partitions);
  if (expected_) ports_.fetcher.Cancel(expected_->Drop(partitions));
  commits_.Drop(partitions, now_.steady, tasks_);
  callbacks_.Measure();
  intake_.Stop(partitions);
  for (const Partition partition : partitions) {
    Task& task = tasks_.at(partition);
    const bool is_known = why == Reread::kPassedOver;
    task = Task(providers_.DedupReach(), is_known ? task.HasReadBefore() : Offset());
  }
  restores_.BeginSome(is_restoring, now_.steady);
  restores_.Steer(commits_.is_with_committer(), tasks_);
}

// Not while a batch is under way: what it publishes of the partition would not be counted.
void Lane::ReadPassedOver() {
  if (is_held_ || group_.change() || commits_.is_with_committer() || IsRestoring()) return;
  const std::optional<Partition> partition = second_reading_.TakeDue(now_);
  if (partition) RestoreAgain({*partition}, Reread::kPassedOver);
}

bool Lane::IsRestoring() const {
  return std::ranges::any_of(
      tasks_, [](const auto& entry) { return entry.second.state() == Task::State::kRestoring; });
}

void Lane::Drop() {
  commits_.Drop();
  callbacks_.Clear();
  if (expected_) expected_->Clear();
  callbacks_.Measure();
}

void Lane::RenewClientIfNeeded() {
  std::optional<GroupWatch::Renewal> renewal =
      group_.FindStuck(intake_.TakeNewClientRequest(now_.steady), now_.steady);
  const std::optional<common::Error> failure = ports_.source.failure();
  if (!renewal && failure) {
    renewal = group_.SourceFailed(*failure, ports_.source.fencing_doubt(), now_.steady);
  }
  if (!renewal) return;
  ports_.events.ClientRenewed(renewal->why);
  ports_.source.Renew(*this, renewal->name);
}

void Lane::LookAround() {
  look_around_at_ = now_.steady + kLookAroundEvery;
  restores_.Watch(tasks_, ports_.source.Membership());
  restores_.EndPendingOffsets(now_.steady);
  const TopicView view = ports_.restorer.Topic();
  group_.LookAt(view, !tasks_.empty());
  const LaneGauges gauges = GaugesOf(Read({.tasks = tasks_,
                                           .pending = callbacks_.pending(),
                                           .commits = commits_,
                                           .intake = intake_,
                                           .restores = restores_,
                                           .restorer = ports_.restorer,
                                           .fetcher = ports_.fetcher,
                                           .expected = expected_.get(),
                                           .accounts = settings_.accounts.count()},
                                          group_.is_in_group(), view.unread, now_));
  is_restore_stuck_ = gauges.stuck > 0;
  ports_.events.Measured(gauges);
}

}  // namespace consumer
