#include "consumer/lane/callback_flow.h"

#include <algorithm>
#include <optional>
#include <unordered_set>
#include <utility>

namespace consumer {
namespace {

using std::chrono::milliseconds;

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

CallbackFlow::CallbackFlow(const common::ProviderTable& providers, AccountShares shares,
                           CompletionMaker completions, Parts parts,
                           std::function<common::WallTime()> wall_now)
    : providers_(providers),
      shares_(shares),
      arrivals_(providers, parts.expected != nullptr),
      completions_(std::move(completions)),
      parts_(parts),
      wall_now_(std::move(wall_now)) {}

void CallbackFlow::Take(const ArrivedRecord& record, const Moment& now) {
  const auto found = parts_.tasks.find(record.partition);
  if (found == parts_.tasks.end()) return;
  Task& task = found->second;
  common::CallbackFacts facts = common::ReadArrived(record.value, record.headers, providers_);
  Arrival arrival = ArrivalOf(facts, record.offset, record.time, task);
  arrival.read_at = now.steady;
  if (facts.handling == common::Handling::kFetch) {
    arrival.account = parts_.accounts.Of(facts.row);
    arrival.has_room = !shares_.IsFull(pending_.Of(*arrival.account));
  }
  const bool is_running = task.state() == Task::State::kRunning;
  const Offset next = is_running ? task.NextToRead() : record.offset;
  if (is_running) CompareClocks(facts, now);
  const auto keep = [&] {
    return Keep({record.Keep(), std::move(facts), now.steady, arrival.marked_at, arrival.no_row,
                 arrival.account});
  };
  switch (task.Admit(arrival, now.wall)) {
    case Task::DedupResult::kIgnored:
      return;
    case Task::DedupResult::kDuplicate:
      if (task.WasReadBefore(record.offset)) break;
      parts_.outbox.CountDuplicate(facts.row);
      if (parts_.traces != nullptr) parts_.traces->Redelivered(record, facts);
      break;
    case Task::DedupResult::kFirst:
      if (parts_.expected != nullptr) parts_.expected->Came(facts, now);
      Start(keep(), now);
      break;
    case Task::DedupResult::kBehind:
      parts_.expected->WaitBehind(*arrival.reconciled, keep());
      break;
    case Task::DedupResult::kPassedOver:
      if (parts_.expected != nullptr) parts_.expected->Came(facts, now);
      break;
  }
  if (record.offset > next) {
    parts_.intake.Passed(record.partition, next, record.offset, now.steady);
  }
  parts_.intake.HasRead(record.partition, now.steady);
  Measure();
}

JobId CallbackFlow::Keep(PendingCallback callback) {
  const JobId id = pending_.Add(std::move(callback));
  if (parts_.traces != nullptr) parts_.traces->Taken(id, pending_.At(id));
  return id;
}

Arrival CallbackFlow::ArrivalOf(const common::CallbackFacts& facts, Offset offset,
                                common::WallTime time, const Task& task) const {
  return arrivals_.Of(facts,
                      {.offset = offset, .time = time, .effective_time = task.EffectiveTime(time)});
}

// The time of this turn may be seconds old by now.
void CallbackFlow::CompareClocks(const common::CallbackFacts& facts, const Moment& now) const {
  if (!facts.received_at) return;
  milliseconds ahead{0};
  if (*facts.received_at > now.wall) ahead = std::max(ahead, *facts.received_at - wall_now_());
  parts_.events.ClockSeen(facts.row, ahead);
}

void CallbackFlow::TakeAgain(const std::vector<JobId>& ids, const Moment& now) {
  for (const JobId id : ids) {
    const PendingCallback& callback = pending_.At(id);
    const SourceRecord& record = callback.record;
    Task& task = parts_.tasks.at(record.partition);
    const Arrival arrival = ArrivalOf(callback.facts, record.offset, record.time, task);
    if (task.AdmitAgain(arrival) == Task::DedupResult::kFirst) {
      Start(id, now);
      continue;
    }
    parts_.outbox.CountDuplicate(callback.facts.row);
    if (parts_.traces != nullptr) parts_.traces->Dropped(id);
    pending_.Remove(id);
  }
}

void CallbackFlow::Start(JobId id, const Moment& now) {
  const PendingCallback& callback = pending_.At(id);
  if (auto completion = completions_.ByFacts(id, callback)) {
    return Complete(*std::move(completion));
  }
  const Task& task = parts_.tasks.at(callback.record.partition);
  // Markers do not tell whose API has answered.
  const bool is_overtaken = parts_.accounts.count() == 1 && task.IsOvertaken(callback.record.time);
  parts_.fetcher.Submit({.id = id,
                         .dossier = callback.facts.dossier,
                         .process = callback.facts.process,
                         .is_final = callback.facts.is_final,
                         .is_overtaken = is_overtaken,
                         .account = parts_.accounts.Of(callback.facts.row)},
                        now.steady);
}

void CallbackFlow::TakeResults(const Moment& now) {
  for (FetchResult& result : parts_.fetcher.Advance(now.steady)) {
    if (parts_.expected == nullptr || !parts_.expected->Owns(result.id)) {
      const PendingCallback& callback = pending_.At(result.id);
      Complete(completions_.ByFetch(callback, std::move(result)));
      continue;
    }
    auto completion = parts_.expected->Ended(std::move(result), now, parts_.tasks);
    if (completion) Complete(*std::move(completion));
  }
}

void CallbackFlow::Complete(Completion completion) {
  if (parts_.traces != nullptr) {
    parts_.traces->Completed(completion.id, completion.outcome, completion.record.headers);
  }
  parts_.outbox.Add(std::move(completion));
}

OutgoingRecord CallbackFlow::LetterOfRefused(const Completion& completion) const {
  OutgoingRecord letter = completions_.LetterOfRefused(completion, pending_.At(completion.id));
  if (parts_.traces != nullptr) {
    parts_.traces->Completed(completion.id, common::MarkerOutcome::kDead, letter.headers);
  }
  return letter;
}

void CallbackFlow::Drop(const std::set<Partition>& partitions) {
  const std::unordered_set<JobId> removed = pending_.RemoveOf(partitions);
  parts_.fetcher.Cancel(removed);
  if (parts_.traces == nullptr) return;
  for (const JobId id : removed) parts_.traces->Dropped(id);
}

void CallbackFlow::Clear() {
  pending_.Clear();
  if (parts_.traces != nullptr) parts_.traces->DroppedAll();
}

void CallbackFlow::FetchDropped(const Moment& now) {
  for (const JobId id : parts_.outbox.TakeDropped()) {
    if (parts_.expected != nullptr) {
      TakeAgain(parts_.expected->results().GivenUp(id, now, parts_.tasks), now);
    }
    if (pending_.Has(id)) Start(id, now);
  }
}

void CallbackFlow::TakeGivenUp(const Moment& now) {
  if (parts_.expected == nullptr) return;
  ExpectedResults& results = parts_.expected->results();
  for (const auto& [id, topic, reason] : parts_.outbox.TakeGivenUp()) {
    TakeAgain(topic == OutgoingTopic::kProcesses ? results.Refused(id, reason, parts_.tasks)
                                                 : results.GivenUp(id, now, parts_.tasks),
              now);
  }
}

void CallbackFlow::Committed(const Outbox::Disposed& disposed, const Moment& now) {
  const common::WallTime wall_now = wall_now_();
  for (const Completion& completion : disposed.completions) {
    Remember(completion);
    if (parts_.traces != nullptr) {
      const bool is_callback = !completion.is_reconciled;
      parts_.traces->Committed(completion.id, is_callback ? &pending_.At(completion.id) : nullptr);
    }
    if (completion.is_reconciled) {
      TakeAgain(parts_.expected->results().Committed(completion.id, parts_.tasks), now);
      continue;
    }
    const common::CallbackFacts& facts = pending_.At(completion.id).facts;
    Report(completion, facts, wall_now);
    const bool is_ignored = completion.outcome == common::MarkerOutcome::kIgnored;
    if (parts_.expected != nullptr && !is_ignored) {
      parts_.expected->Handled(completion.partition, facts);
    }
    pending_.Remove(completion.id);
  }
  for (const auto& [row, count] : disposed.duplicates) {
    for (int i = 0; i < count; ++i) {
      parts_.events.DisposedOf(row, Disposal::kDuplicate, std::nullopt);
    }
  }
  Measure();
}

void CallbackFlow::Remember(const Completion& completion) {
  Task& task = parts_.tasks.at(completion.partition);
  task.Committed(completion.identity, completion.marked_at);
  if (completion.event) task.Committed(*completion.event, completion.marked_at);
  for (const common::Identity& identity : completion.more) {
    task.Committed(identity, completion.marked_at);
  }
}

void CallbackFlow::Report(const Completion& completion, const common::CallbackFacts& facts,
                          common::WallTime now) const {
  // A redriven callback has waited for an operator.
  const bool has_waited_for_us = facts.received_at && !facts.is_redriven;
  parts_.events.DisposedOf(facts.row, DisposalBy(completion.outcome),
                           has_waited_for_us
                               ? std::optional(std::max(milliseconds(0), now - *facts.received_at))
                               : std::nullopt);
}

void CallbackFlow::Measure() {
  parts_.intake.Measure(pending_.size(), pending_.bytes() + parts_.outbox.bytes());
}

}  // namespace consumer
