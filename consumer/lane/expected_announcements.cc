#include "consumer/lane/expected_announcements.h"

#include <algorithm>
#include <utility>
#include <variant>

namespace consumer {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kAnnouncementsPerTurn = 500;

}  // namespace

void ExpectedAnnouncements::TakeIn(const Moment& now, const Tasks& tasks) {
  const std::size_t outstanding = parts_.outstanding.size();
  const std::size_t room = most_ - std::min(most_, outstanding);
  const bool was_full = is_full_;
  is_full_ = room == 0 || (was_full && room < most_ / 10);
  has_more_ = false;
  if (is_full_) {
    if (!was_full) parts_.events.ExpectedFull(outstanding);
    static_cast<void>(parts_.source.Take(0));  // Else its descriptor stays readable.
    return;
  }
  const std::size_t most = std::min(room, kAnnouncementsPerTurn);
  const std::vector<AnnouncementNews> taken = parts_.source.Take(most);
  has_more_ = taken.size() == most;
  for (const AnnouncementNews& news : taken) TakeIn(news, now, tasks);
}

void ExpectedAnnouncements::TakeIn(const AnnouncementNews& news, const Moment& now,
                                   const Tasks& tasks) {
  const auto [partition, epoch] =
      std::visit([](const auto& one) { return std::pair(one.partition, one.epoch); }, news);
  auto& watched = parts_.outstanding.partitions();
  const auto found = watched.find(partition);
  if (found == watched.end() || found->second.epoch != epoch) return;
  if (const auto* announcement = std::get_if<Announcement>(&news)) {
    return TakeIn(*announcement, tasks.at(partition), now);
  }
  found->second.announced_until = std::get<AnnouncementsRead>(news).until;
  found->second.is_whole = true;
}

void ExpectedAnnouncements::TakeIn(const Announcement& announcement, const Task& task,
                                   const Moment& now) {
  ExpectedPartition& watched = parts_.outstanding.At(announcement.partition);
  watched.reading.Announced(announcement.at, now.steady);
  const auto known = watched.table.Find(announcement.process.str());
  const auto end_known = [&](std::optional<ExpectedEnd> end) {
    if (known) parts_.outstanding.End(announcement.partition, *known, end);
  };
  if (!announcement.expected) return end_known(ExpectedEnd::kForgotten);
  const Sighting sighting = CallbackSearch::AtAnnouncement(announcement, task);
  if (sighting != Sighting::kNone) {
    const auto end = EndAfter(sighting);
    if (known) return end_known(end);
    if (end && !announcement.is_old) Report(announcement, *end);
    return;
  }
  // It has waited in Kafka for room, or for a partition out of reach.
  if (parts_.policy.IsOver(announcement.at, now.wall)) {
    return known ? end_known(ExpectedEnd::kUnfinished)
                 : Report(announcement, ExpectedEnd::kUnfinished);
  }
  Put(announcement, now);
}

void ExpectedAnnouncements::Put(const Announcement& announcement, const Moment& now) {
  const Announcement::Expected& expected = *announcement.expected;
  const auto within =
      std::min<milliseconds>(expected.within.value_or(settings_.within), settings_.max_wait);
  const common::WallTime first_look =
      parts_.policy.FirstLook(announcement.at, within, now.wall, parts_.unit_random());
  static_cast<void>(
      parts_.outstanding.At(announcement.partition)
          .table.Put({.process = announcement.process.str(),
                      .dossier = expected.dossier.str(),
                      .provider = expected.provider,
                      .row = expected.row,
                      .account = static_cast<std::uint8_t>(parts_.accounts.Of(expected.row)),
                      .at = announcement.at,
                      .within = within},
                     first_look));
}

void ExpectedAnnouncements::Report(const Announcement& announcement, ExpectedEnd end) {
  const Announcement::Expected& expected = *announcement.expected;
  parts_.events.ExpectedEnded({.row = expected.row,
                               .end = end,
                               .provider = expected.provider,
                               .dossier = expected.dossier.str(),
                               .process = announcement.process.str()});
}

}  // namespace consumer
