#include <algorithm>
#include <utility>

#include "common/domain/key_partition.h"
#include "consumer/lane/lane.h"
#include "consumer/lane/outgoing_records.h"

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
    if (expected_) TakeAgain(expected_->results().GivenUp(id, {now_, wall_time_}, tasks_));
    if (pending_.Has(id)) Start(id);
  }
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
                         .key_hash = common::Murmur2(callback.record.key),
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
      TakeAgain(expected_->results().Committed(completion.id, tasks_));
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

OutgoingRecord Lane::MakeDeadLetter(const PendingCallback& callback, common::FetchEffort effort,
                                    Unfetchable why) const {
  const common::DeadLetter letter =
      LetterOf(callback, effort, std::move(why), settings_.callbacks_topic, wall_now_());
  ports_.events.DeadLettered(callback.facts, letter);
  return DeadLetterOf(callback, letter);
}

}  // namespace consumer
