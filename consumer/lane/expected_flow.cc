#include "consumer/lane/expected_flow.h"

#include <algorithm>
#include <utility>

#include "common/domain/reconciled.h"
#include "consumer/lane/outgoing_records.h"
#include "consumer/state/expected_identities.h"

namespace consumer {
namespace {

using common::Identity;
using common::WallTime;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using Slot = ExpectedTable::Slot;
using State = ExpectedEntry::State;

constexpr std::size_t kAnnouncementsPerTurn = 500;
constexpr std::size_t kDuePerTurn = 1'000;
constexpr int kChecksPerTurn = 100;
/// A callback in hand is handled soon, or its partition is restored.
constexpr minutes kWhileInHand{1};
/// A callback that came before the announcement says nothing about the time after it. The table knows
/// times to the hour.
constexpr seconds kNotBefore{1};

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

ExpectedFlow::ExpectedFlow(const ExpectedFlowSettings& settings,
                           const common::ProviderTable& providers, Ports ports)
    : settings_(settings),
      providers_(providers),
      ports_(std::move(ports)),
      policy_(settings.expected, settings.not_found_for),
      rate_(settings.expected.rate),
      reach_(providers.DedupReach()) {
  for (const common::ProviderRow& row : providers.rows()) {
    const std::string& name = common::NameOfFacts(row);
    if (std::ranges::find(names_, name) == names_.end()) names_.push_back(name);
  }
}

void ExpectedFlow::Restored(Partition partition, const Now& now) {
  watched_[partition] = Watched{.epoch = ++epoch_, .announced_until = now.steady};
  Follow();
}

std::unordered_set<JobId> ExpectedFlow::Drop(const std::set<Partition>& partitions) {
  std::unordered_set<JobId> dropped;
  std::erase_if(looks_, [&](const auto& entry) {
    if (!partitions.contains(entry.second.partition)) return false;
    dropped.insert(entry.first);
    look_at_.erase(entry.second.process);
    return true;
  });
  std::erase_if(watched_, [&](const auto& entry) { return partitions.contains(entry.first); });
  Follow();
  return dropped;
}

void ExpectedFlow::Clear() {
  looks_.clear();
  look_at_.clear();
  watched_.clear();
  has_more_ = false;
  Follow();
}

void ExpectedFlow::Follow() {
  std::map<Partition, Epoch> partitions;
  for (const auto& [partition, watched] : watched_) partitions[partition] = watched.epoch;
  ports_.announcements.Follow(partitions);
}

void ExpectedFlow::Learn(const std::vector<LogBounds>& bounds, const Now& now) {
  for (const LogBounds& learned : bounds) {
    const auto found = watched_.find(learned.partition);
    if (found == watched_.end()) continue;
    const auto ago = std::chrono::ceil<milliseconds>(now.steady - learned.looked_up_at);
    found->second.end = learned.end;
    found->second.end_seen_at = now.wall - ago;
    auto& passing = found->second.passing;
    if (passing && learned.looked_up_at >= passing->read_at) passing->is_before_end = true;
  }
}

void ExpectedFlow::Turn(const Now& now, bool may_look, Tasks& tasks) {
  TakeIn(now, tasks);
  for (auto& [partition, watched] : watched_) {
    watched.table.MoveDue(now.wall, kDuePerTurn);
    Task& task = tasks.at(partition);
    if (!watched.end || task.NextToRead() < *watched.end) continue;
    watched.read_until = std::max(watched.read_until, watched.end_seen_at);
    if (!watched.passing || !watched.passing->is_before_end) continue;
    task.HasPassed(watched.passing->time, now.wall);
    watched.passing.reset();
  }
  if (may_look) StartLooks(now, tasks);
}

// ---- Announcements

void ExpectedFlow::TakeIn(const Now& now, const Tasks& tasks) {
  const std::size_t outstanding = size();
  const std::size_t room = settings_.most - std::min(settings_.most, outstanding);
  const bool was_full = is_full_;
  is_full_ = room == 0 || (was_full && room < settings_.most / 10);
  has_more_ = false;
  if (is_full_) {
    if (!was_full) ports_.events.ExpectedFull(outstanding);
    static_cast<void>(ports_.announcements.Take(0));  // Else its descriptor stays readable.
    return;
  }
  const std::size_t most = std::min(room, kAnnouncementsPerTurn);
  const std::vector<AnnouncementNews> taken = ports_.announcements.Take(most);
  has_more_ = taken.size() == most;
  for (const AnnouncementNews& news : taken) TakeIn(news, now, tasks);
}

void ExpectedFlow::TakeIn(const AnnouncementNews& news, const Now& now, const Tasks& tasks) {
  const auto [partition, epoch] =
      std::visit([](const auto& one) { return std::pair(one.partition, one.epoch); }, news);
  const auto found = watched_.find(partition);
  if (found == watched_.end() || found->second.epoch != epoch) return;
  Watched& watched = found->second;
  if (const auto* announcement = std::get_if<Announcement>(&news)) {
    return TakeIn(*announcement, watched, tasks.at(partition), now);
  }
  watched.announced_until = std::get<AnnouncementsRead>(news).until;
  watched.is_whole = true;
}

void ExpectedFlow::TakeIn(const Announcement& announcement, Watched& watched, const Task& task,
                          const Now& now) {
  if (!watched.passing) watched.passing = {.time = announcement.at, .read_at = now.steady};
  const auto known = watched.table.Find(announcement.process.str());
  const auto end_known = [&](std::optional<ExpectedEnd> end) {
    if (known) End(announcement.partition, watched.table, *known, end);
  };
  if (!announcement.expected) return end_known(ExpectedEnd::kForgotten);
  const Announcement::Expected& expected = *announcement.expected;
  const bool is_handled = std::ranges::any_of(expected.identities, [&](const Identity& identity) {
    return task.WasHandled(identity, announcement.at, kNotBefore);
  });
  if (is_handled) {
    const auto end = EndOfHandled(task, expected.dossier, announcement.process, announcement.at);
    if (known) return end_known(end);
    if (end && !announcement.is_old) Report(announcement, *end);
    return;
  }
  // It has waited in Kafka for room, or for a partition out of reach.
  if (policy_.IsOver(announcement.at, now.wall)) {
    return known ? End(announcement.partition, watched.table, *known, ExpectedEnd::kUnfinished)
                 : Report(announcement, ExpectedEnd::kUnfinished);
  }
  const auto within = std::min<milliseconds>(expected.within.value_or(settings_.expected.within),
                                             settings_.expected.max_wait);
  watched.table.Put({.process = announcement.process.str(),
                     .dossier = expected.dossier.str(),
                     .provider = expected.provider,
                     .row = expected.row,
                     .at = announcement.at,
                     .within = within},
                    policy_.FirstLook(announcement.at, within, now.wall, ports_.unit_random()));
}

void ExpectedFlow::Report(const Announcement& announcement, ExpectedEnd end) {
  const Announcement::Expected& expected = *announcement.expected;
  ports_.events.ExpectedEnded({.row = expected.row,
                               .end = end,
                               .provider = expected.provider,
                               .dossier = expected.dossier.str(),
                               .process = announcement.process.str()});
}

// ---- Callbacks

void ExpectedFlow::Came(const common::CallbackFacts& facts, const Now& now) {
  const auto id = look_at_.find(facts.process);
  if (id == look_at_.end()) return;
  // Of the announcement: the callback may be in another partition.
  const Partition partition = looks_.at(id->second).partition;
  if (!CancelLook(facts.process)) return;
  ExpectedTable& table = watched_.at(partition).table;
  const auto slot = table.Find(facts.process.str());
  if (slot) table.Postpone(*slot, now.wall + kWhileInHand);
}

void ExpectedFlow::Handled(Partition partition, const common::CallbackFacts& facts) {
  const auto watched = watched_.find(partition);
  if (watched == watched_.end() || !facts.is_readable || !facts.is_final) return;
  const auto slot = watched->second.table.Find(facts.process.str());
  if (!slot || watched->second.table.At(*slot).dossier() != facts.dossier.str()) return;
  End(partition, watched->second.table, *slot, ExpectedEnd::kCallback);
}

bool ExpectedFlow::CancelLook(const common::ProcessId& process) {
  const auto id = look_at_.find(process);
  if (id == look_at_.end() || looks_.at(id->second).is_made()) return false;
  ports_.fetcher.Cancel({id->second});
  looks_.erase(id->second);
  look_at_.erase(id);
  return true;
}

/// A result that is made will be committed, whatever comes.
void ExpectedFlow::End(Partition partition, ExpectedTable& table, Slot slot,
                       std::optional<ExpectedEnd> end) {
  const common::ProcessId process{std::string(table.At(slot).process())};
  const auto id = look_at_.find(process);
  if (id != look_at_.end() && looks_.at(id->second).partition == partition &&
      !CancelLook(process)) {
    return;
  }
  const ExpectedEntry& entry = table.At(slot);
  if (end) {
    ports_.events.ExpectedEnded({.row = entry.row,
                                 .end = *end,
                                 .provider = ProviderOf(entry),
                                 .dossier = entry.dossier(),
                                 .process = entry.process()});
  }
  table.Remove(slot);
}

std::optional<ExpectedEnd> ExpectedFlow::EndOfHandled(const Task& task,
                                                      const common::DossierId& dossier,
                                                      const common::ProcessId& process,
                                                      WallTime after) {
  const Identity reconciled = common::IdentityOfReconciled(dossier, process, "");
  if (task.WasHandled(reconciled, after, kNotBefore)) return std::nullopt;
  return ExpectedEnd::kCallback;
}

// ---- Looks

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

Completion ExpectedFlow::MakeResult(JobId id, Look& look, const ExpectedEntry& entry,
                                    FetchResult& result, const Now& now, Tasks& tasks) {
  auto& fetched = std::get<Fetched>(result.outcome);
  const std::string& status = *fetched.status;
  look.is_lost =
      fetched.updated_at &&
      ExpectedPolicy::IsLost(*fetched.updated_at, milliseconds(entry.within_ms), now.wall);
  for (const std::string_view one : {std::string_view(status), std::string_view()}) {
    look.markers.push_back(common::IdentityOf(NameOfFacts(look), look.dossier, look.process, one));
  }
  for (const std::string_view one : {std::string_view(status), std::string_view()}) {
    look.markers.push_back(common::IdentityOfReconciled(look.dossier, look.process, one));
  }
  tasks.at(look.partition).StartReconciling(look.markers);
  ++watched_.at(look.partition).results;
  return {.id = id,
          .partition = look.partition,
          .offset = kNowhere,
          .identity = look.markers.front(),
          .more = {look.markers.begin() + 1, look.markers.end()},
          .marked_at = std::max(now.wall, entry.announced_at),
          .is_reconciled = true,
          .effort = result.effort,
          .record = ResultOf(look.partition,
                             {.provider = look.provider,
                              .dossier = look.dossier.str(),
                              .process = look.process.str(),
                              .status = status},
                             fetched, result.effort)};
}

// ---- Results

void ExpectedFlow::WaitBehind(const Identity& reconciled, JobId callback) {
  const auto look = std::ranges::find_if(looks_, [&](const auto& entry) {
    return std::ranges::find(entry.second.markers, reconciled) != entry.second.markers.end();
  });
  look->second.behind.push_back(callback);
}

std::vector<JobId> ExpectedFlow::Committed(JobId id, Tasks& tasks) {
  const auto slot = EntryOf(looks_.at(id));
  const Look look = Forget(id);
  tasks.at(look.partition).StopReconciling(look.markers);
  ports_.events.ExpectedEnded({.row = look.row,
                               .end = ExpectedEnd::kReconciled,
                               .is_lost = look.is_lost,
                               .provider = look.provider,
                               .dossier = look.dossier.str(),
                               .process = look.process.str()});
  if (slot) watched_.at(look.partition).table.Remove(*slot);
  return look.behind;
}

std::vector<JobId> ExpectedFlow::GivenUp(JobId id, const Now& now, Tasks& tasks) {
  if (!Owns(id)) return {};
  const auto slot = EntryOf(looks_.at(id));
  const Look look = Forget(id);
  tasks.at(look.partition).StopReconciling(look.markers);
  if (slot) Judge(look, *slot, LookAnswer::kFailed, now);
  return look.behind;
}

std::vector<JobId> ExpectedFlow::Refused(JobId id, RefusalReason reason, Tasks& tasks) {
  if (!Owns(id)) return {};
  const auto slot = EntryOf(looks_.at(id));
  const Look look = Forget(id);
  tasks.at(look.partition).StopReconciling(look.markers);
  ports_.events.ExpectedRefused(look.process.str(), reason);
  if (slot) End(look.partition, watched_.at(look.partition).table, *slot, ExpectedEnd::kRefused);
  return look.behind;
}

// ---- Look-ups

ExpectedFlow::Look ExpectedFlow::Forget(JobId id) {
  auto look = looks_.extract(id);
  look_at_.erase(look.mapped().process);
  if (look.mapped().is_made()) --watched_.at(look.mapped().partition).results;
  return std::move(look.mapped());
}

std::optional<Slot> ExpectedFlow::EntryOf(const Look& look) {
  const ExpectedTable& table = watched_.at(look.partition).table;
  const auto slot = table.Find(look.process.str());
  if (!slot || table.At(*slot).state != State::kLooking) return std::nullopt;
  return slot;
}

ExpectedFlow::Counts ExpectedFlow::Count(const Now& now) const {
  const auto since = [](auto from, auto until) {
    return std::max(milliseconds(0), std::chrono::duration_cast<milliseconds>(until - from));
  };
  Counts counts;
  for (const auto& [partition, watched] : watched_) {
    const ExpectedTable& table = watched.table;
    counts.due += table.due();
    counts.waiting += table.size() - table.due();
    counts.is_whole = counts.is_whole && watched.is_whole;
    counts.read_age = std::max(counts.read_age.value_or(milliseconds(0)),
                               since(watched.announced_until, now.steady));
    if (const auto slot = table.OldestDue()) {
      counts.due_age = std::max(counts.due_age, since(table.At(*slot).due, now.wall));
    }
  }
  return counts;
}

std::size_t ExpectedFlow::size() const {
  std::size_t size = 0;
  for (const auto& [partition, watched] : watched_) size += watched.table.size();
  return size;
}

std::string_view ExpectedFlow::ProviderOf(const ExpectedEntry& entry) const {
  const bool is_unknown = entry.row == common::ProviderTable::kUnknown;
  return is_unknown ? entry.provider() : std::string_view(providers_[entry.row].name);
}

std::string_view ExpectedFlow::NameOfFacts(const Look& look) const {
  const bool is_unknown = look.row == common::ProviderTable::kUnknown;
  return is_unknown ? std::string_view(look.provider) : common::NameOfFacts(providers_[look.row]);
}

}  // namespace consumer
