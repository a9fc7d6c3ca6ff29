#include "consumer/kafka/kafka_restorer.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "common/domain/marker.h"
#include "common/kafka/record_codec.h"
#include "consumer/kafka/stuck_restore.h"

namespace consumer {
namespace {

using common::Deadline;
using std::chrono::milliseconds;
namespace kafka = common::kafka;

constexpr milliseconds kBoundsEvery{5'000};
constexpr common::Backoff kRetry{milliseconds(100), milliseconds(1'000)};
/// Attempts until a restore is reported again. A transaction that is too young at one attempt is
/// ended at the next.
constexpr int kTriesToEnd = 6;
/// Record times come from the clocks of several brokers, "now" comes from ours.
constexpr std::chrono::hours kClockSlack{1};

std::vector<Partition> KeysOf(const Offsets& offsets) {
  std::vector<Partition> partitions;
  for (const auto& [partition, offset] : offsets) partitions.push_back(partition);
  return partitions;
}

}  // namespace

common::Result<std::unique_ptr<KafkaRestorer>> KafkaRestorer::Create(ClientSettings settings,
                                                                     std::chrono::seconds reach,
                                                                     const common::Logger& log,
                                                                     Timing timing) {
  auto reader = LogReader::Create(settings, log);
  if (!reader) return reader.error();
  return std::unique_ptr<KafkaRestorer>(
      new KafkaRestorer(std::move(settings), reach, log, timing, *std::move(reader)));
}

KafkaRestorer::KafkaRestorer(ClientSettings settings, std::chrono::seconds reach,
                             const common::Logger& log, Timing timing,
                             std::unique_ptr<LogReader> reader)
    : settings_(std::move(settings)),
      reach_(reach),
      log_(log),
      timing_(timing),
      reader_(std::move(reader)),
      topic_watch_(settings_.topics.callbacks),
      ender_(settings_),
      thread_([this](const std::stop_token& stop) { Run(stop); }) {}

void KafkaRestorer::Restore(RestoreOrder order) {
  {
    const std::lock_guard lock(mutex_);
    const bool begins_anew = !order.goes_on || (!asked_.is_taken && asked_.begins_anew);
    asked_ = {std::move(order), Deadline::Clock::now(), begins_anew};
    restored_.clear();
    if (!asked_.goes_on) {
      progress_.Clear();
      forgotten_.Clear();
      standing_.positions.clear();
      first_watched_.clear();
      bounds_.clear();
    }
    for (const Partition partition : asked_.partitions) {
      standing_.positions.erase(partition);
      first_watched_.erase(partition);
      std::erase_if(bounds_, [&](const LogBounds& one) { return one.partition == partition; });
    }
    progress_.Begin(asked_.partitions, asked_.asked_at);
  }
  changed_.notify_all();
}

std::vector<Partition> KafkaRestorer::Request::Assigned() const {
  std::vector<Partition> assigned = partitions;
  assigned.insert(assigned.end(), running.begin(), running.end());
  return assigned;
}

std::vector<RestoredPartition> KafkaRestorer::TakeRestored() {
  wake_.Drain();
  const std::lock_guard lock(mutex_);
  return std::exchange(restored_, {});
}

void KafkaRestorer::Watch(Standing standing) {
  const std::lock_guard lock(mutex_);
  for (const auto& [partition, position] : standing.positions) {
    if (position.last) first_watched_.try_emplace(partition, position);
  }
  standing_ = std::move(standing);
}

TopicView KafkaRestorer::Topic() {
  const std::lock_guard lock(mutex_);
  return topic_;
}

std::vector<LogBounds> KafkaRestorer::TakeBounds() {
  const std::lock_guard lock(mutex_);
  return std::exchange(bounds_, {});
}

std::vector<StuckRestore> KafkaRestorer::Stuck() {
  const std::lock_guard lock(mutex_);
  return progress_.Stuck(Deadline::Clock::now(), timing_.stuck_after);
}

std::size_t KafkaRestorer::Forgotten() {
  const std::lock_guard lock(mutex_);
  return forgotten_.Find(Deadline::Clock::now(), timing_.stuck_after).size();
}

std::vector<EndedTransaction> KafkaRestorer::TakeEnded() {
  const std::lock_guard lock(mutex_);
  return std::exchange(ended_, {});
}

void KafkaRestorer::Run(const std::stop_token& stop) {
  Request request;  // With the partitions still to be restored.
  auto retry_at = Deadline::Clock::time_point::max();
  int failures = 0;
  while (!stop.stop_requested()) {
    if (TakeRequest(request, std::min(retry_at, bounds_due_.at()), stop)) {
      failures = 0;
      if (request.begins_anew) {
        topic_watch_.Reset();
      } else {
        topic_watch_.Reset(request.partitions);
      }
      retry_at = Deadline::Clock::now();
      bounds_due_ = Deadline(retry_at);
    }
    if (stop.stop_requested()) return;
    if (bounds_due_.HasPassed()) LookUpBounds(request);
    if (Deadline::Clock::now() < retry_at) continue;
    const std::size_t missing = request.partitions.size();
    if (missing > 0) TryRestore(request, stop);
    ReportStuck(stop);
    failures = request.partitions.size() < missing ? 0 : failures + 1;
    retry_at = request.partitions.empty() ? Deadline::Clock::time_point::max()
                                          : Deadline::Clock::now() + kRetry.Delay(failures, 1.0);
  }
}

bool KafkaRestorer::TakeRequest(Request& request, Deadline::Clock::time_point until,
                                const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  const auto is_new = [&] { return asked_.epoch != request.epoch; };
  // Replaces time_point::max(), which overflows in the wait.
  until = std::min(until, Deadline::Clock::now() + std::chrono::hours(1));
  pulse_.Rest();
  const bool has_come = changed_.wait_until(lock, stop, until, is_new);
  pulse_.Beat();
  if (!has_come) return false;
  asked_.is_taken = true;
  request = asked_;
  return true;
}

void KafkaRestorer::TryRestore(Request& request, const std::stop_token& stop) {
  const std::string& seen = settings_.topics.seen;
  CommittedOffsets committed = LookUpStarts(request, stop);
  RemoveOpen(request, committed);
  if (committed.empty() || stop.stop_requested() || !IsCurrent(request)) return;
  const std::optional<int> partitions = CountPartitions(request);
  if (!partitions || stop.stop_requested() || !IsCurrent(request)) return;
  Starts starts = FindStarts(*reader_, settings_.topics.callbacks, request, committed,
                             [this] { return LookUpDeadline(); });
  if (stop.stop_requested() || !IsCurrent(request)) return;
  Offsets offsets;
  for (auto& [partition, start] : starts) {
    start.basis.partitions = *partitions;
    offsets[partition] = start.start;
  }
  std::map<Partition, common::WallTime> oldest = reader_->OldestTimes(offsets, LookUpDeadline());
  // A record from the future says nothing about the times of later ones.
  const common::WallTime now = common::WallNow();
  for (auto& [partition, time] : oldest) time = std::min(time, now) - reach_ - kClockSlack;
  Offsets from = reader_->OffsetsAt(seen, oldest, LookUpDeadline());
  if (from.empty() || stop.stop_requested() || !IsCurrent(request)) return;
  const Offsets to = reader_->Ends(seen, KeysOf(from), LookUpDeadline());
  std::erase_if(from, [&](const auto& entry) { return !to.contains(entry.first); });
  ReadMarkers(request, std::move(starts), oldest, from, to, stop);
}

// None: unknown, or different from the count on which the committed offsets are based.
std::optional<int> KafkaRestorer::CountPartitions(const Request& request) {
  const std::optional<int> partitions =
      topic_watch_.CountPartitions(*reader_, [this] { return LookUpDeadline(); });
  const std::lock_guard lock(mutex_);
  if (partitions) topic_ = topic_watch_.view();
  if (!topic_.change) return partitions;
  for (const Partition partition : request.partitions) {
    progress_.Awaits(partition, Awaiting::kPartitions);
  }
  return std::nullopt;
}

// One partition with an unstable offset delays the answer for all partitions of the request. The
// others are then looked up one by one.
CommittedOffsets KafkaRestorer::LookUpStarts(const Request& request, const std::stop_token& stop) {
  using Stability = LogReader::Stability;
  const auto look_up = [&](const std::vector<Partition>& partitions, Stability stability,
                           milliseconds patience) {
    pulse_.Beat();
    return reader_->Committed(partitions, stability, Deadline::After(patience));
  };
  CommittedOffsets starts = look_up(request.partitions, Stability::kStable, timing_.look_up / 3);
  std::vector<Partition> missing;
  for (const Partition partition : request.partitions) {
    if (stop.stop_requested() || !IsCurrent(request)) return {};
    if (request.partitions.size() > 1 && !starts.contains(partition)) {
      starts.merge(look_up({partition}, Stability::kStable, timing_.look_up / 10));
    }
    if (!starts.contains(partition)) missing.push_back(partition);
  }
  CommittedOffsets rough;
  if (!missing.empty()) rough = look_up(missing, Stability::kRough, timing_.look_up / 3);
  const std::lock_guard lock(mutex_);
  if (asked_.epoch != request.epoch) return {};
  for (const Partition partition : request.partitions) {
    const bool is_unstable = rough.contains(partition);
    progress_.Awaits(partition, is_unstable ? Awaiting::kOffsets : Awaiting::kBroker);
  }
  return starts;
}

// Only the owner of a partition writes results there. A previous owner left the open transaction,
// possibly this very instance: its own next transaction would end it.
void KafkaRestorer::RemoveOpen(const Request& request, CommittedOffsets& committed) {
  std::vector<Partition> partitions;
  for (const auto& [partition, offset] : committed) partitions.push_back(partition);
  if (partitions.empty()) return;
  const LogReader::OpenPartitions found =
      reader_->LookForOpen(settings_.topics.processes, partitions, LookUpDeadline());
  const std::set<Partition> clean(found.clean.begin(), found.clean.end());
  std::erase_if(committed, [&](const auto& entry) { return !clean.contains(entry.first); });
  const std::lock_guard lock(mutex_);
  if (asked_.epoch != request.epoch) return;
  for (const auto& [partition, at] : found.open) {
    progress_.Awaits(partition, Awaiting::kResults, at);
  }
}

void KafkaRestorer::ReadMarkers(Request& request, Starts starts,
                                const std::map<Partition, common::WallTime>& oldest,
                                const Offsets& from, const Offsets& to,
                                const std::stop_token& stop) {
  for (const auto& [partition, time] : oldest) starts.at(partition).table.RaiseFloor(time);
  Offsets reached;
  common::HeaderViews headers;
  const common::WallTime wall_now = common::WallNow();
  const auto visit = [&](const rd_kafka_message_t& message) {
    reached[message.partition] = message.offset;
    const auto time = kafka::TimestampOf(message);
    if (!time) return true;
    kafka::ViewHeaders(message, headers);
    const auto marker = common::ReadArrivedMarker(kafka::KeyOf(message), headers, *time);
    if (marker) starts.at(message.partition).Take(*marker, wall_now);
    return true;
  };
  const auto done = [&](Partition partition) {
    std::erase(request.partitions, partition);
    RestoredPartition& restored = starts.at(partition);
    if (restored.basis.partitions) topic_watch_.SetRestoredCount(*restored.basis.partitions);
    restored.elapsed = Deadline::Clock::now() - request.asked_at;
    HandOver(std::move(restored));
  };
  const auto waits = [&](Partition partition, Offset at) {
    const std::lock_guard lock(mutex_);
    if (asked_.epoch == request.epoch) progress_.Awaits(partition, Awaiting::kMarkers, at);
  };
  const auto is_wanted = [&] {
    if (bounds_due_.HasPassed()) LookUpBounds(request);
    const auto now = Deadline::Clock::now();
    pulse_.Beat(now);
    const std::lock_guard lock(mutex_);
    if (stop.stop_requested() || asked_.epoch != request.epoch) return false;
    for (const auto& [partition, offset] : reached) progress_.Reached(partition, offset, now);
    return true;
  };
  // This thread must still look up other partitions, which it cannot do while it waits here.
  const bool is_all = from.size() == request.partitions.size();
  kafka::Extents extents;
  for (const auto& [partition, offset] : from) extents[partition] = {offset, to.at(partition)};
  reader_->Read({.topic = settings_.topics.seen,
                 .extents = extents,
                 .visit = visit,
                 .reached = done,
                 .waits = waits,
                 .goes_on = is_wanted,
                 .patience = is_all ? timing_.stuck_after : timing_.look_up});
}

void KafkaRestorer::LookUpBounds(const Request& request) {
  // Set again at the end, so that a slow look leaves time for the restore.
  bounds_due_ = Deadline::After(kBoundsEvery);
  TopicWatch::Watched watched;
  watched.restoring = request.partitions;
  {
    const std::lock_guard lock(mutex_);
    if (asked_.epoch != request.epoch) return;
    watched.assigned = asked_.Assigned();
    watched.standing = standing_;
    watched.first = first_watched_;
  }
  std::vector<LogBounds> bounds =
      topic_watch_.Look(*reader_, watched, [this] { return LookUpDeadline(); });
  {
    const std::lock_guard lock(mutex_);
    topic_ = topic_watch_.view();
    if (asked_.epoch != request.epoch) return;
    bounds_ = std::move(bounds);
  }
  wake_.Signal();
  LookForForgotten(watched.assigned);
  bounds_due_ = Deadline::After(kBoundsEvery);
}

void KafkaRestorer::LookForForgotten(const std::vector<Partition>& partitions) {
  if (partitions.empty()) return;
  const common::TopicNames& topics = settings_.topics;
  if (!dead_partitions_) dead_partitions_ = reader_->PartitionsOf(topics.dead, LookUpDeadline());
  const std::vector<Partition> dead = AllPartitions(dead_partitions_.value_or(0));
  for (const auto& [topic, places] :
       {std::pair(topics.processes, partitions), std::pair(topics.seen, partitions),
        std::pair(topics.dead, dead)}) {
    const LogReader::OpenPartitions found = reader_->LookForOpen(topic, places, LookUpDeadline());
    const auto now = Deadline::Clock::now();
    const std::lock_guard lock(mutex_);
    for (const Partition partition : found.clean) forgotten_.SawClean(topic, partition);
    for (const auto& [partition, at] : found.open) forgotten_.SawOpen(topic, partition, at, now);
  }
  ReportForgotten();
}

void KafkaRestorer::ReportForgotten() {
  if (!forgotten_report_due_.HasPassed()) return;
  std::vector<ForgottenWatch::Standing> all;
  {
    const std::lock_guard lock(mutex_);
    all = forgotten_.Find(Deadline::Clock::now(), timing_.stuck_after);
  }
  if (all.empty()) return;
  forgotten_report_due_ = Deadline::After(timing_.stuck_after);
  for (const ForgottenWatch::Standing& standing : all) {
    LogForgotten(
        log_, settings_, standing,
        reader_->NameAt(standing.topic, standing.partition, standing.at, LookUpDeadline()));
  }
}

void KafkaRestorer::ReportStuck(const std::stop_token& stop) {
  const std::vector<StuckRestore> all = Stuck();
  if (all.empty()) return;
  const bool is_due = report_due_.HasPassed();
  if (is_due) {
    report_due_ = Deadline::After(timing_.stuck_after);
    for (const StuckRestore& stuck : all) LogStuck(log_, settings_, stuck);
  }
  if (end_due_.HasPassed()) {
    EndForgotten(all, stop);
    end_due_ = Deadline::After(timing_.stuck_after / kTriesToEnd);
  }
  if (!is_due) return;
  if (auto fresh = LogReader::Create(settings_, log_)) {
    retirement_.Retire(std::exchange(reader_, *std::move(fresh)));
  }
}

// The restore may have waited for another reason, and the transaction may be about to end.
bool KafkaRestorer::IsForgotten(const StuckRestore& stuck) {
  const std::string& topic =
      stuck.awaiting == Awaiting::kResults ? settings_.topics.processes : settings_.topics.seen;
  const std::lock_guard lock(mutex_);
  const auto all = forgotten_.Find(Deadline::Clock::now(), timing_.stuck_after);
  return std::ranges::any_of(all, [&](const ForgottenWatch::Standing& standing) {
    return standing.topic == topic && standing.partition == stuck.partition;
  });
}

void KafkaRestorer::EndForgotten(const std::vector<StuckRestore>& all,
                                 const std::stop_token& stop) {
  const Deadline enough = Deadline::After(timing_.stuck_after);
  for (const StuckRestore& stuck : all) {
    if (stop.stop_requested() || enough.HasPassed()) return;
    {
      const std::lock_guard lock(mutex_);
      if (std::ranges::find(asked_.partitions, stuck.partition) == asked_.partitions.end()) return;
    }
    if (!IsForgotten(stuck)) continue;
    auto ended = ender_.TryEnd(*reader_, stuck, [this] { pulse_.Beat(); });
    if (!ended) continue;
    const std::lock_guard lock(mutex_);
    ended_.push_back(*std::move(ended));
  }
}

void KafkaRestorer::HandOver(RestoredPartition restored) {
  {
    const std::lock_guard lock(mutex_);
    if (restored.epoch != asked_.epoch) return;
    progress_.Done(restored.partition);
    restored_.push_back(std::move(restored));
  }
  wake_.Signal();
}

Deadline KafkaRestorer::LookUpDeadline() {
  pulse_.Beat();
  return Deadline::After(timing_.look_up);
}

bool KafkaRestorer::IsCurrent(const Request& request) {
  const std::lock_guard lock(mutex_);
  return asked_.epoch == request.epoch;
}

}  // namespace consumer
