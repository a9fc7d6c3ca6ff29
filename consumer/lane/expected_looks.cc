#include "consumer/lane/expected_looks.h"

#include <algorithm>
#include <string>
#include <utility>
#include <variant>

#include "consumer/lane/look_judge.h"
#include "consumer/state/expected_identities.h"

namespace consumer {
namespace {

using common::WallTime;
using Slot = ExpectedTable::Slot;

constexpr int kChecksPerTurn = 100;

}  // namespace

void ExpectedLooks::StartDue(const Moment& now, const Tasks& tasks) {
  for (AccountIndex account = 0; account < rates_.size(); ++account) StartDue(account, now, tasks);
}

void ExpectedLooks::StartDue(AccountIndex account, const Moment& now, const Tasks& tasks) {
  for (int checks = 0; checks < kChecksPerTurn; ++checks) {
    if (rates_[account].NextAt() > now.steady) return;
    if (parts_.outstanding.looks().UnderWayOf(account) >= limits_.under_way) return;
    if (!MayLook(account, tasks)) return;
    const std::optional<Partition> partition = OldestDue(account);
    if (!partition) return;
    StartOldest(*partition, account, tasks.at(*partition), now);
  }
}

bool ExpectedLooks::MayLook(AccountIndex account, const Tasks& tasks) const {
  const bool has_passed_over = std::ranges::any_of(
      tasks, [&](const auto& entry) { return entry.second.passed_over().contains(account); });
  // An open breaker closes by a probe only. A single look is one if nothing else is fetched.
  return !has_passed_over && parts_.fetcher.MayLook(account);
}

/// The partition whose oldest due look may start and is the oldest of all.
std::optional<Partition> ExpectedLooks::OldestDue(AccountIndex account) {
  std::optional<Partition> oldest;
  WallTime oldest_due = WallTime::max();
  for (auto& [partition, watched] : parts_.outstanding.partitions()) {
    const auto slot = watched.table.OldestDue(account);
    // Each look may become a result, and a partition of `processes` may be out of reach.
    if (!slot || parts_.outstanding.looks().ResultsOf(partition) >= limits_.results) continue;
    const WallTime due = watched.table.At(*slot).due;
    if (due > watched.reading.until() || due >= oldest_due) continue;
    oldest = partition;
    oldest_due = due;
  }
  return oldest;
}

void ExpectedLooks::StartOldest(Partition partition, AccountIndex account, const Task& task,
                                const Moment& now) {
  Looks& looks = parts_.outstanding.looks();
  ExpectedTable& table = parts_.outstanding.At(partition).table;
  const Slot slot = *table.OldestDue(account);
  const ExpectedEntry& entry = table.At(slot);
  Look look{.partition = partition,
            .process = common::ProcessId(std::string(entry.process())),
            .dossier = common::DossierId(std::string(entry.dossier())),
            .provider = std::string(parts_.outstanding.ProviderOf(entry)),
            .row = entry.row,
            .account = account};
  // Announced again while its look, or the commit of its result, was under way.
  if (looks.FindAt(look.process)) return table.Postpone(slot, now.wall + kWhileInHand);
  const Sighting sighting = parts_.search.BeforeLook(look, entry.announced_at, task);
  if (sighting == Sighting::kInHand) return table.Postpone(slot, now.wall + kWhileInHand);
  if (sighting != Sighting::kNone) {
    return parts_.outstanding.Close(partition, slot, EndAfter(sighting));
  }
  table.StartLook(slot);
  rates_[account].Take(now.steady);
  const JobId id = parts_.new_id();
  parts_.fetcher.Submit({.id = id,
                         .dossier = look.dossier,
                         .process = look.process,
                         .is_look = true,
                         .account = account},
                        now.steady);
  looks.Add(id, std::move(look));
}

std::optional<Completion> ExpectedLooks::Ended(FetchResult result, const Moment& now,
                                               Tasks& tasks) {
  Looks& looks = parts_.outstanding.looks();
  const Look& look = looks.At(result.id);
  const auto slot = parts_.outstanding.EntryOf(look);
  if (slot) {
    const auto* fetched = std::get_if<Fetched>(&result.outcome);
    if (fetched == nullptr) {
      Judged(look, *slot, AnswerOf(result.outcome), now);
    } else {
      const std::string& status = *fetched->status;
      const Sighting sighting = FindCallback(look, status, tasks.at(look.partition), now);
      if (sighting == Sighting::kNone && IsKnownAsFinal(status)) {
        return parts_.results.Make(std::move(result), now, tasks);
      }
      Finished(look, *slot, sighting, status, now);
    }
  }
  static_cast<void>(looks.Forget(result.id));
  return std::nullopt;
}

Sighting ExpectedLooks::FindCallback(const Look& look, std::string_view status, const Task& task,
                                     const Moment& now) {
  const CallbackSearch::Found found = parts_.search.AfterLook(look, status, task, now.wall);
  if (found.elsewhere) parts_.events.ExpectedElsewhere(look.provider, *found.elsewhere);
  return found.sighting;
}

void ExpectedLooks::Finished(const Look& look, Slot slot, Sighting sighting,
                             std::string_view status, const Moment& now) {
  switch (sighting) {
    case Sighting::kNone:
      parts_.events.ExpectedUnclear(look.process.str(), status);
      Judged(look, slot, LookAnswer::kUnfinished, now);
      break;
    case Sighting::kInHand:
      parts_.outstanding.At(look.partition).table.Postpone(slot, now.wall + kWhileInHand);
      break;
    case Sighting::kHandled:
    case Sighting::kReconciled:
      parts_.outstanding.Close(look.partition, slot, EndAfter(sighting));
      break;
  }
}

void ExpectedLooks::Judged(const Look& look, Slot slot, LookAnswer answer, const Moment& now) {
  ExpectedTable& table = parts_.outstanding.At(look.partition).table;
  const auto end = Judge(parts_.policy, table, slot, answer, now.wall);
  if (end) parts_.outstanding.Close(look.partition, slot, end);
}

}  // namespace consumer
