#include "consumer/lane/lane.h"

#include <algorithm>
#include <utility>

#include "common/callback/record_times.h"
#include "common/domain/reconciled.h"
#include "consumer/fetch/published_form.h"
#include "consumer/lane/outgoing_records.h"

namespace consumer {
namespace {

using std::chrono::milliseconds;

constexpr int kRecordsPerTurn = 1'000;
constexpr milliseconds kMeasureEvery{250};
/// Bounds the cost of a missed queue wake-up.
constexpr milliseconds kIdleTurn{100};

Disposal DisposalBy(common::MarkerOutcome outcome) {
  switch (outcome) {
    case common::MarkerOutcome::kPublished:
      return Disposal::kPublished;
    case common::MarkerOutcome::kIgnored:
      return Disposal::kIgnored;
    case common::MarkerOutcome::kDead:
      break;
  }
  return Disposal::kDead;
}

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

bool Lane::Take(const ArrivedRecord& record) {
  const auto found = tasks_.find(record.partition);
  if (found == tasks_.end()) return WantsIntake();
  common::CallbackFacts facts = common::ReadArrived(record.value, record.headers, providers_);
  const Task::Arrival arrival = ArrivalOf(facts, found->second, record.offset, record.time);
  const bool is_running = found->second.state() == Task::State::kRunning;
  const Offset next = is_running ? found->second.NextToRead() : record.offset;
  if (is_running) CompareClocks(facts);
  switch (found->second.Admit(arrival, wall_time_)) {
    case Task::DedupResult::kIgnored:
      return WantsIntake();
    case Task::DedupResult::kDuplicate:
      commits_.outbox().CountDuplicate(facts.row);
      break;
    case Task::DedupResult::kFirst:
      if (expected_) expected_->Came(facts, {now_, wall_time_});
      Start(
          pending_.Add({record.Keep(), std::move(facts), now_, arrival.marked_at, arrival.no_row}));
      break;
    case Task::DedupResult::kBehind:
      expected_->WaitBehind(
          *arrival.reconciled,
          pending_.Add({record.Keep(), std::move(facts), now_, arrival.marked_at, arrival.no_row}));
      break;
  }
  if (record.offset > next) intake_.Passed(found->first, next, record.offset, now_);
  intake_.HasRead(found->first, now_);
  intake_.Measure(pending_.size(), pending_.bytes() + commits_.outbox().bytes());
  return WantsIntake();
}

bool Lane::IsWatched(const common::CallbackFacts& facts) const {
  return expected_ && facts.handling == common::Handling::kFetch &&
         facts.identity == facts.original;
}

Task::Arrival Lane::ArrivalOf(const common::CallbackFacts& facts, const Task& task, Offset offset,
                              common::WallTime time) const {
  const common::Windows windows = common::WindowsOf(facts, time, providers_);
  const common::RecordTimes times =
      common::TimesOf(facts, task.EffectiveTime(time), windows.identity, reach_);
  Task::Arrival arrival{.offset = offset,
                        .identity = facts.identity,
                        .event = facts.event_identity,
                        .record_time = time,
                        .judged_at = times.judged_at,
                        .marked_at = times.marked_at,
                        .windows = windows};
  if (!IsWatched(facts)) return arrival;
  const std::string status = facts.status.value_or("");
  arrival.reconciled = common::IdentityOfReconciled(facts.dossier, facts.process, status);
  if (facts.row == common::ProviderTable::kUnknown) {
    arrival.no_row = common::IdentityOfNoRow(facts.dossier, facts.process, status);
  }
  return arrival;
}

void Lane::TakeAgain(const std::vector<JobId>& ids) {
  for (const JobId id : ids) {
    const PendingCallback& callback = pending_.At(id);
    Task& task = tasks_.at(callback.record.partition);
    if (task.AdmitAgain(ArrivalOf(callback.facts, task, callback.record.offset,
                                  callback.record.time)) == Task::DedupResult::kFirst) {
      Start(id);
      continue;
    }
    commits_.outbox().CountDuplicate(callback.facts.row);
    pending_.Remove(id);
  }
}

void Lane::WatchExpected() {
  const ExpectedFlow::Now now{now_, wall_time_};
  for (const auto& [id, topic, reason] : commits_.outbox().TakeGivenUp()) {
    TakeAgain(topic == OutgoingTopic::kProcesses ? expected_->Refused(id, reason, tasks_)
                                                 : expected_->GivenUp(id, now, tasks_));
  }
  const bool may_look = !is_held_ && !group_.change() && TakesResults();
  expected_->Turn(now, may_look, tasks_);
}

void Lane::Start(JobId id) {
  using common::Handling;
  using common::MarkerOutcome;
  const PendingCallback& callback = pending_.At(id);
  switch (callback.facts.handling) {
    case Handling::kFetch:
      ports_.fetcher.Submit(JobOf(id), now_);
      break;
    case Handling::kPublish:
      Complete(id, MarkerOutcome::kPublished, {},
               ResultOf(callback, PublishedEvent(settings_.publish, callback.record.value)));
      break;
    case Handling::kIgnore:
      Complete(id, MarkerOutcome::kIgnored, {}, {});
      break;
    case Handling::kReject:
      Complete(id, MarkerOutcome::kDead, {},
               MakeDeadLetter(callback, {}, {common::DeadReason::kMalformed, 0, {}}));
      break;
  }
}

// The time of this turn may be seconds old by now.
void Lane::CompareClocks(const common::CallbackFacts& facts) {
  if (!facts.received_at) return;
  milliseconds ahead{0};
  if (*facts.received_at > wall_time_) {
    ahead = std::max(ahead, *facts.received_at - wall_now_());
  }
  ports_.events.ClockSeen(facts.row, ahead);
}

void Lane::AtEnd(Partition partition, Offset offset) {
  const auto found = tasks_.find(partition);
  if (found == tasks_.end() || found->second.state() != Task::State::kRunning) return;
  // The end that a client had reached before the last seek is outdated.
  if (!intake_.IsReading(partition) || offset <= found->second.NextToRead()) return;
  intake_.Passed(partition, found->second.NextToRead(), offset, now_);
  found->second.Skip(offset);
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
    task->second.Restored(std::move(restored));
    intake_.Restored(partition);
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

void Lane::HandleResults() {
  if (!TakesResults()) return;
  for (FetchResult& result : ports_.fetcher.Advance(now_)) {
    if (expected_ && expected_->Owns(result.id)) {
      auto completion = expected_->Ended(std::move(result), {now_, wall_time_}, tasks_);
      if (completion) commits_.outbox().Add(*std::move(completion));
      continue;
    }
    const PendingCallback& callback = pending_.At(result.id);
    if (const auto* fetched = std::get_if<Fetched>(&result.outcome)) {
      Complete(result.id, common::MarkerOutcome::kPublished, result.effort,
               ResultOf(callback, *fetched, result.effort));
      continue;
    }
    auto& why = std::get<Unfetchable>(result.outcome);
    Complete(result.id, common::MarkerOutcome::kDead, result.effort,
             MakeDeadLetter(callback, result.effort, std::move(why)));
  }
}

void Lane::FetchDropped() {
  for (const JobId id : commits_.outbox().TakeDropped()) {
    if (expected_) TakeAgain(expected_->GivenUp(id, {now_, wall_time_}, tasks_));
    if (pending_.Has(id)) Start(id);
  }
}

FetchJob Lane::JobOf(JobId id) const {
  const PendingCallback& callback = pending_.At(id);
  const Task& task = tasks_.at(callback.record.partition);
  return {.id = id,
          .dossier = callback.facts.dossier,
          .process = callback.facts.process,
          .is_final = callback.facts.is_final,
          .is_overtaken = task.IsOvertaken(callback.record.time)};
}

void Lane::Complete(JobId id, common::MarkerOutcome outcome, common::FetchEffort effort,
                    OutgoingRecord record) {
  const PendingCallback& callback = pending_.At(id);
  std::vector<common::Identity> more;
  if (callback.no_row) more.push_back(*callback.no_row);
  commits_.outbox().Add({.id = id,
                         .partition = callback.record.partition,
                         .offset = callback.record.offset,
                         .identity = callback.facts.identity,
                         .event = callback.facts.event_identity,
                         .more = std::move(more),
                         .marked_at = callback.marked_at,
                         .outcome = outcome,
                         .is_fetched = callback.facts.handling != common::Handling::kPublish,
                         .effort = effort,
                         .record = std::move(record)});
}

void Lane::Apply(const CommitFlow::Progress& progress) {
  const common::WallTime wall_now = wall_now_();
  for (const Completion& completion : progress.disposed.completions) {
    Task& task = tasks_.at(completion.partition);
    task.Committed(completion.identity, completion.marked_at);
    if (completion.event) task.Committed(*completion.event, completion.marked_at);
    for (const common::Identity& identity : completion.more) {
      task.Committed(identity, completion.marked_at);
    }
    if (completion.is_reconciled) {
      TakeAgain(expected_->Committed(completion.id, tasks_));
      continue;
    }
    const common::CallbackFacts& facts = pending_.At(completion.id).facts;
    // A redriven callback has waited for an operator.
    const bool has_waited_for_us = facts.received_at && !facts.is_redriven;
    ports_.events.DisposedOf(
        facts.row, DisposalBy(completion.outcome),
        has_waited_for_us ? std::optional(std::max(milliseconds(0), wall_now - *facts.received_at))
                          : std::nullopt);
    const bool is_ignored = completion.outcome == common::MarkerOutcome::kIgnored;
    if (expected_ && !is_ignored) expected_->Handled(completion.partition, facts);
    pending_.Remove(completion.id);
  }
  for (const auto& [row, count] : progress.disposed.duplicates) {
    for (int i = 0; i < count; ++i) {
      ports_.events.DisposedOf(row, Disposal::kDuplicate, std::nullopt);
    }
  }
  intake_.Measure(pending_.size(), pending_.bytes() + commits_.outbox().bytes());
  if (progress.is_fenced) group_.ProducerFenced(now_);
  if (!progress.to_restore.empty()) RestoreAgain(progress.to_restore);
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

void Lane::Measure() {
  measure_at_ = now_ + kMeasureEvery;
  const std::optional<GroupMembership> membership = ports_.source.Membership();
  Standing standing{.member_id = membership ? membership->member_id : std::string()};
  for (const auto& [partition, task] : tasks_) {
    if (task.state() == Task::State::kRunning) standing.positions[partition] = task.Position();
  }
  ports_.restorer.Watch(std::move(standing));
  const TopicView view = ports_.restorer.Topic();
  group_.LookAt(view, !tasks_.empty());
  LaneGauges gauges{.pending = pending_.size(),
                    .oldest_pending_age = std::nullopt,
                    .lag = group_.is_in_group() ? intake_.Lag(tasks_, now_) : std::nullopt,
                    .partitions = tasks_.size()};
  if (tasks_.empty() && !view.unread) gauges.lag.reset();
  if (view.unread && view.unread->is_ours_to_tell) {
    gauges.unread = view.unread->count;
    if (gauges.lag) *gauges.lag += view.unread->lag;
  }
  if (gauges.pending > 0 || gauges.lag) {
    gauges.oldest_pending_age = std::chrono::duration_cast<milliseconds>(pending_.OldestAge(now_));
  }
  for (const auto& [partition, task] : tasks_) {
    gauges.dedup_keys += task.dedup_keys();
    gauges.uncommitted_offsets += task.span();
    if (task.state() == Task::State::kRestoring) ++gauges.restoring;
  }
  if (expected_) MeasureExpected(gauges);
  gauges.next_probe = NextProbe();
  gauges.set_aside = commits_.outbox().set_aside().size();
  gauges.stuck = ports_.restorer.Stuck().size();
  gauges.forgotten = ports_.restorer.Forgotten();
  // A spare instance watches nothing.
  if (tasks_.empty() && group_.is_in_group()) gauges.forgotten = 0;
  is_restore_stuck_ = gauges.stuck > 0;
  if (gauges.restoring > 0) {
    gauges.restoring_for = std::chrono::duration_cast<milliseconds>(now_ - restores_.began_at());
  }
  ports_.events.Measured(gauges);
}

// What a partition that is restored, or whose announcements were not read yet, has outstanding is
// unknown.
void Lane::MeasureExpected(LaneGauges& gauges) const {
  const ExpectedFlow::Counts counts = expected_->Count({now_, wall_time_});
  gauges.expected_read_age = counts.read_age;
  gauges.expected_due_age = counts.due_age;
  if (!group_.is_in_group() || gauges.restoring > 0 || !counts.is_whole) return;
  gauges.expected_waiting = counts.waiting;
  gauges.expected_due = counts.due;
}

std::optional<common::WallTime> Lane::NextProbe() const {
  if (!ports_.fetcher.breaker_open()) return std::nullopt;
  const TimePoint due = ports_.fetcher.NextDue(now_);
  if (due == TimePoint::max()) return std::nullopt;
  return wall_time_ + std::chrono::duration_cast<milliseconds>(due - now_);
}

OutgoingRecord Lane::MakeDeadLetter(const PendingCallback& callback, common::FetchEffort effort,
                                    Unfetchable why) const {
  const common::DeadLetter letter =
      LetterOf(callback, effort, std::move(why), settings_.callbacks_topic, wall_now_());
  ports_.events.DeadLettered(callback.facts, letter);
  return DeadLetterOf(callback, letter);
}

}  // namespace consumer
