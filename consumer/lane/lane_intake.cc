#include <algorithm>
#include <string>
#include <utility>

#include "common/callback/record_times.h"
#include "common/domain/reconciled.h"
#include "consumer/fetch/published_form.h"
#include "consumer/lane/lane.h"
#include "consumer/lane/outgoing_records.h"

namespace consumer {
namespace {

using std::chrono::milliseconds;

}  // namespace

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

FetchJob Lane::JobOf(JobId id) const {
  const PendingCallback& callback = pending_.At(id);
  const Task& task = tasks_.at(callback.record.partition);
  return {.id = id,
          .dossier = callback.facts.dossier,
          .process = callback.facts.process,
          .is_final = callback.facts.is_final,
          .is_overtaken = task.IsOvertaken(callback.record.time)};
}

}  // namespace consumer
