#include <algorithm>
#include <utility>
#include <variant>

#include "common/domain/reconciled.h"
#include "consumer/lane/expected_flow.h"

namespace consumer {
namespace {

using common::Identity;
using common::WallTime;
using std::chrono::milliseconds;
using Slot = ExpectedTable::Slot;

constexpr std::size_t kAnnouncementsPerTurn = 500;

}  // namespace

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

}  // namespace consumer
