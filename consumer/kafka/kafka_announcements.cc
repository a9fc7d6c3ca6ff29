#include "consumer/kafka/kafka_announcements.h"

#include <algorithm>
#include <string>
#include <utility>
#include <variant>

#include "common/domain/key_partition.h"
#include "common/json/expected_process.h"
#include "common/kafka/record_codec.h"
#include "consumer/kafka/log_survey.h"
#include "consumer/state/expected_identities.h"

namespace consumer {
namespace {

using common::Deadline;
using common::WallTime;
namespace kafka = common::kafka;

/// Bounds what was read and not taken in yet: a megabyte or two.
constexpr std::size_t kMostQueued = 5'000;

std::optional<std::string_view> ValueOf(const rd_kafka_message_t& message) {
  if (message.payload == nullptr) return std::nullopt;
  return kafka::ValueOf(message);
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
      check_due_(Deadline::After(timing.check_every)),
      thread_([this](const std::stop_token& stop) { Run(stop); }) {}

// ---- For the lane

void KafkaAnnouncements::Follow(const std::map<Partition, Epoch>& partitions) {
  {
    const std::lock_guard lock(mutex_);
    if (followed_ == partitions) return;
    followed_ = partitions;
    std::erase_if(queue_, [&](const Announcement& announcement) {
      const auto at = partitions.find(announcement.partition);
      return at == partitions.end() || at->second != announcement.epoch;
    });
    is_changed_ = true;
  }
  changed_.notify_all();
}

std::vector<Announcement> KafkaAnnouncements::Take(std::size_t most) {
  wake_.Drain();
  std::vector<Announcement> taken;
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

// ---- The thread

void KafkaAnnouncements::Run(const std::stop_token& stop) {
  auto next = Deadline::Clock::now();
  while (!stop.stop_requested()) {
    Await(next, stop);
    if (stop.stop_requested()) return;
    next = Deadline::Clock::now() + timing_.read_every;
    if (Followed().empty()) {
      readings_.clear();
      continue;
    }
    reader_.RenewIfSilent();
    StartNew(Followed());
    if (!stop.stop_requested() && check_due_.HasPassed()) CheckLogs();
    if (!stop.stop_requested() && HasRoom()) ReadNew(stop);
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
  const Offsets ends = reader_->Ends(topic, PartitionsOf(fresh), LookUpDeadline());
  for (const auto& [partition, epoch] : fresh) {
    const auto start = starts.find(partition);
    const auto end = ends.find(partition);
    if (start == starts.end() || end == ends.end()) continue;
    readings_[partition] = {
        .epoch = epoch, .position = {.next = start->second}, .old_until = end->second};
  }
}

void KafkaAnnouncements::CheckLogs() {
  check_due_ = Deadline::After(timing_.check_every);
  std::map<Partition, ReadPosition> positions;
  for (const auto& [partition, reading] : readings_) positions[partition] = reading.position;
  const auto logs =
      Survey(*reader_, settings_.topics.expected, positions, [this] { return LookUpDeadline(); });
  for (const auto& [partition, log] : logs) {
    if (log.went_back) WentBack(partition);
  }
}

/// What was announced in the old log stays announced.
void KafkaAnnouncements::WentBack(Partition partition) {
  log_.Warn("expected.log_went_back",
            {{"partition", partition}, {"position", readings_.at(partition).position.next}});
  readings_.erase(partition);
}

bool KafkaAnnouncements::ReadNew(const std::stop_token& stop) {
  const std::string& topic = settings_.topics.expected;
  std::vector<Partition> partitions;
  for (const auto& [partition, reading] : readings_) partitions.push_back(partition);
  kafka::Extents extents;
  for (const auto& [partition, end] : reader_->StableEnds(topic, partitions, LookUpDeadline())) {
    const Offset next = readings_.at(partition).position.next;
    if (end < next) WentBack(partition);
    if (end > next) extents[partition] = {next, end};
  }
  if (extents.empty()) return true;
  const auto followed = Followed();
  return reader_->Read({.topic = topic,
                        .extents = extents,
                        .visit =
                            [&](const rd_kafka_message_t& message) {
                              Visit(message, readings_.at(message.partition));
                              return HasRoom();
                            },
                        .reached =
                            [&](Partition partition) {
                              Offset& next = readings_.at(partition).position.next;
                              next = std::max(next, extents.at(partition).to);
                            },
                        .goes_on =
                            [&] {
                              pulse_.Beat();
                              return !stop.stop_requested() && Followed() == followed;
                            },
                        .patience = timing_.look_up});
}

void KafkaAnnouncements::Visit(const rd_kafka_message_t& message, Reading& reading) {
  const WallTime at = kafka::TimestampOf(message).value_or(common::WallNow());
  reading.position = {.next = message.offset + 1,
                      .last = common::OffsetWitness{message.offset, at}};
  auto record = common::json::ReadExpectedRecord(kafka::KeyOf(message), ValueOf(message));
  if (!record) return Skip(message, record.error().detail);
  // The dedup table of another partition knows its callbacks.
  if (common::PartitionOf(kafka::KeyOf(message), partitions_) != message.partition) {
    return Skip(message,
                "it is not in the partition of its key: its writer needs the partitioner "
                "murmur2_random");
  }
  Announcement announcement{.partition = message.partition,
                            .epoch = reading.epoch,
                            .at = at,
                            .process = {},
                            .expected = {},
                            .is_old = message.offset < reading.old_until};
  if (auto* expected = std::get_if<common::ExpectedProcess>(&*record)) {
    const auto row = providers_.Resolve(expected->provider);
    const auto& events = providers_[row].events;
    if (events && events->fetch == common::EventFetch::kNone) {
      return Skip(message, "its provider's events are published as they come (fetch: none)");
    }
    const bool is_unknown = row == common::ProviderTable::kUnknown;
    const std::string_view name =
        is_unknown ? std::string_view(expected->provider) : common::NameOfFacts(providers_[row]);
    announcement.expected = {
        .dossier = expected->dossier,
        .provider = is_unknown ? expected->provider : providers_[row].name,
        .row = row,
        .within = expected->within,
        .identities = IdentitiesOfLastCallback(name, expected->dossier, expected->process)};
    announcement.process = std::move(expected->process);
  } else {
    announcement.process = std::get<common::json::ForgottenProcess>(*record).process;
  }
  Push(std::move(announcement));
}

void KafkaAnnouncements::Skip(const rd_kafka_message_t& message, std::string_view what) {
  const auto suppressed = throttle_.Admit("expected.malformed");
  if (!suppressed) return;
  log_.Warn("expected.malformed", {{"partition", message.partition},
                                   {"offset", message.offset},
                                   {"what", what},
                                   {"suppressed", *suppressed}});
}

void KafkaAnnouncements::Push(Announcement announcement) {
  {
    const std::lock_guard lock(mutex_);
    queue_.push_back(std::move(announcement));
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
  return Deadline::After(timing_.look_up);
}

}  // namespace consumer
