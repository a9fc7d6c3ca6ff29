#include "consumer/kafka/kafka_announcements.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "common/domain/copied_record.h"
#include "common/kafka/record_codec.h"
#include "consumer/kafka/announcement_record.h"
#include "consumer/kafka/log_survey.h"

namespace consumer {
namespace {

using common::Deadline;
using common::WallTime;
namespace kafka = common::kafka;

/// The most announcements that are read ahead of the lane: a megabyte or two.
constexpr std::size_t kMostQueued = 5'000;

std::optional<std::string_view> ValueOf(const rd_kafka_message_t& message) {
  if (message.payload == nullptr) return std::nullopt;
  return kafka::ValueOf(message);
}

WallTime AnnouncedAt(const rd_kafka_message_t& message, WallTime at) {
  common::HeaderViews headers;
  kafka::ViewHeaders(message, headers);
  return common::AnnouncedAt(common::LastHeader(headers, common::kCopiedFromHeader),
                             common::LastHeader(headers, common::kAnnouncedAtHeader), at);
}

std::pair<Partition, Epoch> PlaceOf(const AnnouncementNews& news) {
  return std::visit([](const auto& one) { return std::pair(one.partition, one.epoch); }, news);
}

std::vector<Partition> PartitionsOf(const std::map<Partition, Epoch>& partitions) {
  std::vector<Partition> numbers;
  numbers.reserve(partitions.size());
  for (const auto& [partition, epoch] : partitions) numbers.push_back(partition);
  return numbers;
}

}  // namespace

common::Result<std::unique_ptr<KafkaAnnouncements>> KafkaAnnouncements::Create(
    ClientSettings settings, std::chrono::seconds reach, const common::ProviderTable& providers,
    const common::Logger& log, Timing timing) {
  auto reader = LogReader::Create(settings, log, ReaderRole::kAnnouncements);
  if (!reader) return reader.error();
  return std::unique_ptr<KafkaAnnouncements>(new KafkaAnnouncements(
      std::move(settings), reach, providers, log, timing, *std::move(reader)));
}

KafkaAnnouncements::KafkaAnnouncements(ClientSettings settings, std::chrono::seconds reach,
                                       const common::ProviderTable& providers,
                                       const common::Logger& log, Timing timing,
                                       std::unique_ptr<LogReader> reader)
    : settings_(std::move(settings)),
      reach_(reach),
      providers_(providers),
      log_(log),
      timing_(timing),
      reader_(settings_, log_, std::move(reader), ReaderRole::kAnnouncements),
      unread_throttle_(timing.unread_after),
      check_due_(Deadline::After(timing.check_every)),
      thread_([this](const std::stop_token& stop) { Run(stop); }) {}

void KafkaAnnouncements::Follow(const std::map<Partition, Epoch>& partitions) {
  {
    const std::lock_guard lock(mutex_);
    if (followed_ == partitions) return;
    followed_ = partitions;
    std::erase_if(queue_, [&](const AnnouncementNews& news) {
      const auto [partition, epoch] = PlaceOf(news);
      const auto at = partitions.find(partition);
      return at == partitions.end() || at->second != epoch;
    });
    is_changed_ = true;
  }
  changed_.notify_all();
}

std::vector<AnnouncementNews> KafkaAnnouncements::Take(std::size_t most) {
  wake_.Drain();
  std::vector<AnnouncementNews> taken;
  {
    const std::lock_guard lock(mutex_);
    const bool was_full = queue_.size() >= kMostQueued;
    const auto count = static_cast<std::ptrdiff_t>(std::min(most, queue_.size()));
    std::move(queue_.begin(), queue_.begin() + count, std::back_inserter(taken));
    queue_.erase(queue_.begin(), queue_.begin() + count);
    if (!was_full || queue_.size() >= kMostQueued) return taken;
    is_changed_ = true;
  }
  changed_.notify_all();
  return taken;
}

void KafkaAnnouncements::Run(const std::stop_token& stop) {
  stop_ = stop;
  auto next = Deadline::Clock::now();
  while (!stop.stop_requested()) {
    Await(next, stop);
    if (stop.stop_requested()) return;
    next = Deadline::Clock::now() + timing_.read_every;
    const std::map<Partition, Epoch> followed = Followed();
    goals_.Follow(followed, Deadline::Clock::now());
    if (followed.empty()) {
      readings_.clear();
      continue;
    }
    reader_.RenewIfSilent();
    StartNew(followed);
    if (!stop.stop_requested() && check_due_.HasPassed()) {
      check_due_ = Deadline::After(timing_.check_every);
      CheckLogs(Which::kAll);
    }
    if (!stop.stop_requested() && HasRoom()) ReadNew(stop);
    if (!stop.stop_requested()) TellUnread();
  }
}

void KafkaAnnouncements::Await(Deadline::Clock::time_point until, const std::stop_token& stop) {
  pulse_.Rest();
  {
    std::unique_lock lock(mutex_);
    changed_.wait_until(lock, stop, until, [this] { return is_changed_; });
    is_changed_ = false;
  }
  pulse_.Beat();
}

void KafkaAnnouncements::StartNew(const std::map<Partition, Epoch>& followed) {
  std::erase_if(readings_, [&](const auto& entry) {
    const auto at = followed.find(entry.first);
    return at == followed.end() || at->second != entry.second.epoch;
  });
  std::map<Partition, WallTime> times;
  std::map<Partition, Epoch> fresh;
  for (const auto& [partition, epoch] : followed) {
    if (readings_.contains(partition)) continue;
    times[partition] = common::WallNow() - reach_;
    fresh[partition] = epoch;
  }
  if (fresh.empty()) return;
  const std::string& topic = settings_.topics.expected;
  const std::optional<int> count = reader_->PartitionsOf(topic, LookUpDeadline());
  if (!count) return;  // Tried again soon.
  partitions_ = *count;
  const Offsets starts = reader_->OffsetsAt(topic, times, LookUpDeadline());
  const auto looked_up_at = Deadline::Clock::now();
  const Offsets ends = reader_->Ends(topic, PartitionsOf(fresh), LookUpDeadline());
  const auto witnesses = WitnessesBelow(*reader_, topic, starts, LookUpDeadline());
  for (const auto& [partition, epoch] : fresh) {
    const auto start = starts.find(partition);
    const auto end = ends.find(partition);
    const auto witness = witnesses.find(partition);
    if (start == starts.end() || end == ends.end() || witness == witnesses.end()) continue;
    const LogCursor cursor(start->second, witness->second);
    readings_.insert_or_assign(partition, Reading{.epoch = epoch,
                                                  .cursor = cursor,
                                                  .old_until = end->second,
                                                  .told_next = start->second});
    goals_.Pursue(partition, end->second, looked_up_at);
  }
}

void KafkaAnnouncements::CheckLogs(Which which) {
  std::map<Partition, ReadPosition> positions;
  for (const auto& [partition, reading] : readings_) {
    if (which == Which::kInDoubt && !reading.cursor.is_in_doubt()) continue;
    positions[partition] = reading.cursor.position();
  }
  if (positions.empty()) return;
  const auto logs =
      Survey(*reader_, settings_.topics.expected, positions, [this] { return LookUpDeadline(); });
  for (const auto& [partition, log] : logs) {
    LogCursor& cursor = readings_.at(partition).cursor;
    if (log.went_back) {
      WentBack(partition);
    } else if (cursor.is_in_doubt()) {
      cursor.Confirm();
    }
  }
}

/// Processes that were announced in the old log stay announced.
void KafkaAnnouncements::WentBack(Partition partition) {
  log_.Warn("expected.log_went_back",
            {{"partition", partition.number()},
             {"position", readings_.at(partition).cursor.position().next.number()}});
  readings_.erase(partition);
  goals_.GiveUp(partition);
}

void KafkaAnnouncements::ReadNew(const std::stop_token& stop) {
  const std::string& topic = settings_.topics.expected;
  std::vector<Partition> partitions;
  for (auto& [partition, reading] : readings_) {
    partitions.push_back(partition);
    reading.stable_end.reset();
  }
  Pursue(partitions);
  kafka::Extents extents;
  std::vector<Partition> behind;
  for (const auto& [partition, end] : reader_->StableEnds(topic, partitions, LookUpDeadline())) {
    Reading& reading = readings_.at(partition);
    const Offset next = reading.cursor.position().next;
    reading.stable_end = end;
    if (end < next) behind.push_back(partition);
    if (end <= next) continue;
    if (const auto from = reading.cursor.Begin()) extents[partition] = {*from, end};
  }
  // A transaction that is open from before the reading began holds the stable end back for ever.
  for (const auto& [partition, end] : reader_->Ends(topic, behind, LookUpDeadline())) {
    if (end < readings_.at(partition).cursor.position().next) WentBack(partition);
  }
  if (!extents.empty()) ReadExtents(extents, stop);
  if (!stop.stop_requested()) CheckLogs(Which::kInDoubt);
  TellReached();
}

void KafkaAnnouncements::ReadExtents(const kafka::Extents& extents, const std::stop_token& stop) {
  const auto followed = Followed();
  // Ignores an error: the next round reads the rest.
  static_cast<void>(reader_->Read({.topic = settings_.topics.expected,
                                   .extents = extents,
                                   .visit =
                                       [&](const rd_kafka_message_t& message) {
                                         Visit(message, readings_.at(kafka::PartitionOf(message)));
                                         return HasRoom();
                                       },
                                   .reached =
                                       [&](Partition partition) {
                                         readings_.at(partition).cursor.Reached(
                                             extents.at(partition).to);
                                       },
                                   .goes_on =
                                       [&] {
                                         pulse_.Beat();
                                         return !stop.stop_requested() && Followed() == followed;
                                       },
                                   .patience = timing_.look_up}));
}

void KafkaAnnouncements::Pursue(const std::vector<Partition>& partitions) {
  std::vector<Partition> idle;
  std::ranges::copy_if(partitions, std::back_inserter(idle),
                       [&](Partition partition) { return !goals_.IsPursuing(partition); });
  const auto looked_up_at = Deadline::Clock::now();
  for (const auto& [partition, end] :
       reader_->Ends(settings_.topics.expected, idle, LookUpDeadline())) {
    goals_.Pursue(partition, end, looked_up_at);
  }
}

void KafkaAnnouncements::TellReached() {
  for (const auto& [partition, reading] : readings_) {
    const auto until = goals_.Reached(partition, reading.cursor.position().next);
    if (until) {
      Push(AnnouncementsRead{.partition = partition, .epoch = reading.epoch, .until = *until});
    }
  }
}

void KafkaAnnouncements::TellUnread() {
  const auto now = Deadline::Clock::now();
  const auto behind = goals_.FurthestBehind();
  if (!behind || now - behind->read_until < timing_.unread_after) return;
  if (!unread_throttle_.Admit(now)) return;
  const auto why = WhyUnread(behind->partition);
  if (!why) return;
  log_.Error("expected.unread",
             {{"partition", behind->partition.number()},
              {"seconds",
               std::chrono::duration_cast<std::chrono::seconds>(now - behind->read_until).count()},
              {"why", ToText(*why)},
              {"what", AdviceFor(*why)}});
}

std::optional<UnreadReason> KafkaAnnouncements::WhyUnread(Partition partition) {
  if (!HasRoom()) return UnreadReason::kRoom;
  const auto found = readings_.find(partition);
  if (found == readings_.end() || !found->second.stable_end) return UnreadReason::kNoAnswer;
  Reading& reading = found->second;
  const Offset next = reading.cursor.position().next;
  if (next >= *reading.stable_end) return UnreadReason::kOpenTransaction;
  const bool gets_on = std::exchange(reading.told_next, next) < next;
  return gets_on ? std::nullopt : std::optional(UnreadReason::kNoAnswer);
}

void KafkaAnnouncements::Visit(const rd_kafka_message_t& message, Reading& reading) {
  const std::optional<WallTime> time = kafka::TimestampOf(message);
  const common::OffsetWitness record{kafka::OffsetOf(message), time.value_or(WallTime{})};
  if (!reading.cursor.Accept(record, Deadline::Clock::now())) return;
  auto announcement = ReadAnnouncement(
      kafka::KeyOf(message), ValueOf(message),
      {.partition = kafka::PartitionOf(message), .partitions = partitions_}, providers_);
  if (!announcement) return Skip(message, announcement.error().detail);
  announcement->epoch = reading.epoch;
  announcement->at = AnnouncedAt(message, time.value_or(common::WallNow()));
  announcement->is_old = record.offset < reading.old_until;
  Push(*std::move(announcement));
}

void KafkaAnnouncements::Skip(const rd_kafka_message_t& message, std::string_view what) {
  const auto suppressed = throttle_.Admit("expected.malformed");
  if (!suppressed) return;
  log_.Warn("expected.malformed", {{"partition", message.partition},
                                   {"offset", message.offset},
                                   {"what", what},
                                   {"suppressed", *suppressed}});
}

void KafkaAnnouncements::Push(AnnouncementNews news) {
  {
    const std::lock_guard lock(mutex_);
    queue_.push_back(std::move(news));
  }
  wake_.Signal();
}

bool KafkaAnnouncements::HasRoom() {
  const std::lock_guard lock(mutex_);
  return queue_.size() < kMostQueued;
}

std::map<Partition, Epoch> KafkaAnnouncements::Followed() {
  const std::lock_guard lock(mutex_);
  return followed_;
}

Deadline KafkaAnnouncements::LookUpDeadline() {
  pulse_.Beat();
  return Deadline::After(stop_.stop_requested() ? std::chrono::milliseconds(0) : timing_.look_up);
}

}  // namespace consumer
