#include <algorithm>
#include <utility>
#include <variant>

#include "common/domain/reconciled.h"
#include "consumer/lane/expected_flow.h"
#include "consumer/state/expected_identities.h"

namespace consumer {
namespace {

using common::Identity;
using common::WallTime;
using std::chrono::milliseconds;
using Slot = ExpectedTable::Slot;

constexpr int kChecksPerTurn = 100;

LookAnswer AnswerOf(const FetchOutcome& outcome) {
  const auto* found = std::get_if<NotFinished>(&outcome);
  if (found == nullptr) return LookAnswer::kFailed;
  switch (found->why) {
    case Reaction::kAwait:
      return LookAnswer::kUnfinished;
    case Reaction::kRetryMissing:
      return LookAnswer::kMissing;
    case Reaction::kGone:
      return LookAnswer::kGone;
    default:
      return LookAnswer::kFailed;
  }
}

LookHistory HistoryOf(const ExpectedEntry& entry) {
  LookHistory history{.announced_at = entry.announced_at,
                      .within = milliseconds(entry.within_ms),
                      .looks = entry.looks,
                      .failures = entry.failures};
  if (entry.missing_since != WallTime{}) history.missing_since = entry.missing_since;
  return history;
}

void Count(std::uint8_t& counter) {
  if (counter < UINT8_MAX) ++counter;
}

void Record(ExpectedEntry& entry, LookAnswer answer, WallTime now) {
  const bool is_missing = answer == LookAnswer::kMissing;
  if (!is_missing) entry.missing_since = {};
  if (is_missing && entry.missing_since == WallTime{}) entry.missing_since = now;
  if (answer == LookAnswer::kUnfinished) Count(entry.looks);
  if (answer == LookAnswer::kFailed) {
    Count(entry.failures);
  } else {
    entry.failures = 0;
  }
}

}  // namespace

void ExpectedFlow::StartLooks(const Now& now, const Tasks& tasks) {
  for (int checks = 0; checks < kChecksPerTurn; ++checks) {
    if (rate_.NextAt() > now.steady || LooksUnderWay() >= settings_.most_looks) return;
    // An open breaker closes by a probe only. A single look is one if nothing else is fetched.
    if (ports_.fetcher.breaker_open() && ports_.fetcher.pending() > 0) return;
    Watched* oldest = nullptr;
    Partition partition = 0;
    WallTime oldest_due = WallTime::max();
    for (auto& [number, watched] : watched_) {
      const auto slot = watched.table.OldestDue();
      // Each look may become a result, and a partition of `processes` may be out of reach.
      if (!slot || watched.results >= settings_.most_results) continue;
      const WallTime due = watched.table.At(*slot).due;
      if (due > watched.read_until || due >= oldest_due) continue;
      oldest = &watched;
      partition = number;
      oldest_due = due;
    }
    if (oldest == nullptr) return;
    StartOldest(partition, *oldest, tasks.at(partition), now);
  }
}

std::size_t ExpectedFlow::LooksUnderWay() const {
  std::size_t results = 0;
  for (const auto& [partition, watched] : watched_) results += watched.results;
  return looks_.size() - results;
}

void ExpectedFlow::StartOldest(Partition partition, Watched& watched, const Task& task,
                               const Now& now) {
  ExpectedTable& table = watched.table;
  const Slot slot = *table.OldestDue();
  const ExpectedEntry& entry = table.At(slot);
  Look look{.partition = partition,
            .process = common::ProcessId(std::string(entry.process())),
            .dossier = common::DossierId(std::string(entry.dossier())),
            .provider = std::string(ProviderOf(entry)),
            .row = entry.row};
  // Announced again while its look, or the commit of its result, was under way.
  if (look_at_.contains(look.process)) return table.Postpone(slot, now.wall + kWhileInHand);
  for (const Identity& identity :
       IdentitiesOfLastCallback(NameOfFacts(look), look.dossier, look.process)) {
    if (task.IsInHand(identity)) return table.Postpone(slot, now.wall + kWhileInHand);
    if (task.WasHandled(identity, entry.announced_at, kNotBefore)) {
      return End(partition, table, slot,
                 EndOfHandled(task, look.dossier, look.process, entry.announced_at));
    }
  }
  table.StartLook(slot);
  rate_.Take(now.steady);
  const JobId id = ports_.new_id();
  ports_.fetcher.Submit(
      {.id = id, .dossier = look.dossier, .process = look.process, .is_look = true}, now.steady);
  look_at_[look.process] = id;
  looks_.emplace(id, std::move(look));
}

std::optional<Completion> ExpectedFlow::Ended(FetchResult result, const Now& now, Tasks& tasks) {
  Look& look = looks_.at(result.id);
  Watched& watched = watched_.at(look.partition);
  const auto slot = EntryOf(look);
  const auto* fetched = std::get_if<Fetched>(&result.outcome);
  if (slot && fetched != nullptr) {
    const std::string& status = *fetched->status;
    const Task& task = tasks.at(look.partition);
    const Sighting sighting = FindCallback(look, status, task, now.wall);
    switch (sighting) {
      case Sighting::kNone:
        if (!IsKnownAsFinal(status)) {
          ports_.events.ExpectedUnclear(look.process.str(), status);
          Judge(look, *slot, LookAnswer::kUnfinished, now);
          break;
        }
        return MakeResult(result.id, look, watched.table.At(*slot), result, now, tasks);
      case Sighting::kInHand:
        watched.table.Postpone(*slot, now.wall + kWhileInHand);
        break;
      case Sighting::kHandled:
      case Sighting::kReconciled: {
        const bool is_counted = sighting == Sighting::kReconciled;
        const Look ended = Forget(result.id);
        End(ended.partition, watched.table, *slot,
            is_counted ? std::nullopt : std::optional(ExpectedEnd::kCallback));
        return std::nullopt;
      }
    }
  } else if (slot) {
    Judge(look, *slot, AnswerOf(result.outcome), now);
  }
  static_cast<void>(Forget(result.id));
  return std::nullopt;
}

void ExpectedFlow::Judge(const Look& look, Slot slot, LookAnswer answer, const Now& now) {
  ExpectedTable& table = watched_.at(look.partition).table;
  ExpectedEntry& entry = table.At(slot);
  const LookDecision decision = policy_.Decide(answer, HistoryOf(entry), now.wall);
  if (const auto* again = std::get_if<LookAgain>(&decision)) {
    Record(entry, answer, now.wall);
    return table.Postpone(slot, again->at);
  }
  ports_.events.ExpectedEnded({.row = entry.row,
                               .end = std::get<ExpectedEnd>(decision),
                               .provider = look.provider,
                               .dossier = entry.dossier(),
                               .process = entry.process()});
  table.Remove(slot);
}

ExpectedFlow::Sighting ExpectedFlow::FindCallback(const Look& look, std::string_view status,
                                                  const Task& task, WallTime now) {
  const auto was_handled = [&](const Identity& identity) {
    return task.WasHandled(identity, now, reach_);
  };
  const auto reconciled = [&](std::string_view its_status) {
    return common::IdentityOfReconciled(look.dossier, look.process, its_status);
  };
  if (was_handled(reconciled(status))) return Sighting::kReconciled;
  // An earlier result without a callback has marked "no status", too. If the process was opened again
  // after that, only the status tells.
  const bool is_plain_known = was_handled(reconciled(""));
  std::vector<std::string_view> names(names_.begin(), names_.end());
  names.push_back(NameOfFacts(look));
  names.push_back(common::kNoRow);
  bool is_in_hand = false;
  for (const std::string_view name : names) {
    for (const std::string_view one : {status, std::string_view()}) {
      const Identity identity = common::IdentityOf(name, look.dossier, look.process, one);
      is_in_hand = is_in_hand || task.IsInHand(identity);
      if ((one.empty() && is_plain_known) || !was_handled(identity)) continue;
      if (name == NameOfFacts(look)) return Sighting::kHandled;
      const bool is_row = name != common::kNoRow;
      ports_.events.ExpectedElsewhere(look.provider, is_row ? name : common::kUnknownProvider);
      return Sighting::kHandled;
    }
  }
  return is_in_hand ? Sighting::kInHand : Sighting::kNone;
}

}  // namespace consumer
