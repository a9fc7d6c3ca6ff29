#include "consumer/kafka/kafka_restorer.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "common/base/backoff.h"
#include "consumer/kafka/stuck_restore.h"

namespace consumer {
namespace {

using common::Deadline;
using std::chrono::milliseconds;
namespace kafka = common::kafka;

constexpr milliseconds kBoundsEvery{5'000};
constexpr common::Backoff kRetry{milliseconds(100), milliseconds(1'000)};
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
      exchange_(timing.stuck_after),
      reader_(settings_, log_, std::move(reader)),
      topic_watch_(settings_.topics.callbacks),
      forgotten_(settings_, timing.stuck_after, exchange_, log),
      thread_([this](const std::stop_token& stop) { Run(stop); }) {}

void KafkaRestorer::Run(const std::stop_token& stop) {
  Request request;            // With the partitions still to be restored.
  bool is_look_owed = false;  // After the first attempt at the order.
  auto retry_at = Deadline::Clock::time_point::max();
  int failures = 0;
  while (!stop.stop_requested()) {
    if (Await(request, std::min(retry_at, bounds_due_.at()), stop)) {
      failures = 0;
      if (request.begins_anew) {
        topic_watch_.Reset();
      } else {
        topic_watch_.Reset(request.partitions);
      }
      KeepReturned();
      kept_.Drop(request.from_begin);
      retry_at = Deadline::Clock::now();
      // A look takes several requests, and nobody reads until the restore ends.
      bounds_due_ = request.partitions.empty() ? Deadline(retry_at) : Deadline::After(kBoundsEvery);
      is_look_owed = !request.partitions.empty();
    }
    if (stop.stop_requested()) return;
    reader_.RenewIfSilent();
    kept_.DropOld(Deadline::Clock::now());
    if (bounds_due_.HasPassed()) LookUpBounds(request);
    if (Deadline::Clock::now() < retry_at) continue;
    const std::size_t missing = request.partitions.size();
    if (missing > 0) TryRestore(request, stop);
    ReportStuck(stop);
    if (std::exchange(is_look_owed, false)) bounds_due_ = Deadline(Deadline::Clock::now());
    failures = request.partitions.size() < missing ? 0 : failures + 1;
    retry_at = request.partitions.empty() ? Deadline::Clock::time_point::max()
                                          : Deadline::Clock::now() + kRetry.Delay(failures, 1.0);
  }
}

bool KafkaRestorer::Await(Request& request, Deadline::Clock::time_point until,
                          const std::stop_token& stop) {
  pulse_.Rest();
  const bool has_come = exchange_.Await(request, until, stop);
  pulse_.Beat();
  return has_come;
}

void KafkaRestorer::TryRestore(Request& request, const std::stop_token& stop) {
  const std::string& seen = settings_.topics.seen;
  CommittedOffsets committed = LookUpStarts(request, stop);
  RemoveOpen(request, committed);
  if (committed.empty() || stop.stop_requested() || !exchange_.IsCurrent(request)) return;
  const std::optional<int> partitions = CountPartitions(request);
  if (!partitions || stop.stop_requested() || !exchange_.IsCurrent(request)) return;
  Starts starts = FindStarts(*reader_, settings_.topics.callbacks, request, committed,
                             [this] { return LookUpDeadline(); });
  if (stop.stop_requested() || !exchange_.IsCurrent(request)) return;
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
  if (from.empty() || stop.stop_requested() || !exchange_.IsCurrent(request)) return;
  ReadMarkers(request, {std::move(starts), std::move(oldest), std::move(from)}, stop);
}

// None: unknown, or different from the count on which the committed offsets are based.
std::optional<int> KafkaRestorer::CountPartitions(const Request& request) {
  const std::optional<int> partitions =
      topic_watch_.CountPartitions(*reader_, [this] { return LookUpDeadline(); });
  const TopicView& topic = topic_watch_.view();
  if (partitions) exchange_.Publish(topic);
  if (!topic.change) return partitions;
  for (const Partition partition : request.partitions) {
    exchange_.Awaits(request, partition, Awaiting::kPartitions);
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
    if (stop.stop_requested() || !exchange_.IsCurrent(request)) return {};
    if (request.partitions.size() > 1 && !starts.contains(partition)) {
      starts.merge(look_up({partition}, Stability::kStable, timing_.look_up / 10));
    }
    if (!starts.contains(partition)) missing.push_back(partition);
  }
  CommittedOffsets rough;
  if (!missing.empty()) rough = look_up(missing, Stability::kRough, timing_.look_up / 3);
  for (const Partition partition : request.partitions) {
    const bool is_unstable = rough.contains(partition);
    exchange_.Awaits(request, partition, is_unstable ? Awaiting::kOffsets : Awaiting::kBroker);
  }
  if (!exchange_.IsCurrent(request)) return {};
  return starts;
}

// Only the owner of a partition writes results there. A previous owner left the open transaction,
// possibly this very instance: its own next transaction would end it.
void KafkaRestorer::RemoveOpen(const Request& request, CommittedOffsets& committed) {
  std::vector<Partition> partitions;
  for (const auto& [partition, offset] : committed) partitions.push_back(partition);
  if (partitions.empty()) return;
  const OpenPartitions found =
      reader_->LookForOpen(settings_.topics.processes, partitions, LookUpDeadline());
  const std::set<Partition> clean(found.clean.begin(), found.clean.end());
  std::erase_if(committed, [&](const auto& entry) { return !clean.contains(entry.first); });
  for (const auto& [partition, at] : found.open) {
    exchange_.Awaits(request, partition, Awaiting::kResults, at);
  }
}

void KafkaRestorer::ReadMarkers(Request& request, MarkerReading::Plan plan,
                                const std::stop_token& stop) {
  const std::string& seen = settings_.topics.seen;
  MarkerReading reading(std::move(plan), kept_);
  const auto visit = [&](const rd_kafka_message_t& message) {
    reading.Read(message);
    return true;
  };
  const auto done = [&](Partition partition) {
    std::optional<HandedPartition> ended = reading.End(partition);
    if (!ended) return;
    RestoredPartition& restored = ended->restored;
    std::erase(request.partitions, partition);
    if (restored.basis.partitions) topic_watch_.SetRestoredCount(*restored.basis.partitions);
    restored.elapsed = Deadline::Clock::now() - request.asked_at;
    exchange_.HandOver(*std::move(ended));
  };
  const auto waits = [&](Partition partition, Offset at) {
    exchange_.Awaits(request, partition, Awaiting::kMarkers, at);
  };
  const auto is_wanted = [&] {
    if (bounds_due_.HasPassed()) LookUpBounds(request);
    const auto now = Deadline::Clock::now();
    pulse_.Beat(now);
    return !stop.stop_requested() && exchange_.Reached(request, reading.reached(), now);
  };
  Offsets from = reading.begins();
  while (!from.empty()) {
    const Offsets stable = reader_->StableEnds(seen, KeysOf(from), LookUpDeadline());
    const Offsets to = reader_->Ends(seen, KeysOf(from), LookUpDeadline());
    kafka::Extents extents;
    for (const auto& [partition, end] : to) extents[partition] = {from.at(partition), end};
    Offsets unsettled;
    const auto reached_end = [&](Partition partition) {
      const auto settled = stable.find(partition);
      const Offset end = to.at(partition);
      if (settled != stable.end() && settled->second >= end) return done(partition);
      unsettled[partition] = end;
    };
    // This thread must still look up other partitions, which it cannot do while it waits here.
    const bool is_all = extents.size() == request.partitions.size();
    reader_->Read({.topic = seen,
                   .extents = extents,
                   .visit = visit,
                   .reached = reached_end,
                   .waits = waits,
                   .goes_on = is_wanted,
                   .patience = is_all ? timing_.stuck_after : timing_.look_up});
    if (!is_wanted()) break;
    from = std::move(unsettled);
  }
  reading.Keep(Deadline::Clock::now());
}

void KafkaRestorer::KeepReturned() {
  for (HandedPartition& handed : exchange_.TakeReturned()) {
    if (!handed.origin) continue;
    RestoredPartition& restored = handed.restored;
    kept_.Keep(restored.partition,
               {*std::move(handed.origin), std::move(restored.table), restored.published_until},
               Deadline::Clock::now());
  }
}

void KafkaRestorer::LookUpBounds(const Request& request) {
  // Set again at the end, so that a slow look leaves time for the restore.
  bounds_due_ = Deadline::After(kBoundsEvery);
  const std::optional<TopicWatch::Watched> watched = exchange_.Watched(request);
  if (!watched) return;
  const auto new_deadline = [this] { return LookUpDeadline(); };
  std::vector<LogBounds> bounds = topic_watch_.Look(*reader_, *watched, new_deadline);
  exchange_.Publish(topic_watch_.view());
  if (!exchange_.Publish(request, std::move(bounds))) return;
  forgotten_.Look(*reader_, watched->assigned, new_deadline);
  bounds_due_ = Deadline::After(kBoundsEvery);
}

void KafkaRestorer::ReportStuck(const std::stop_token& stop) {
  const std::vector<StuckRestore> all = exchange_.Stuck();
  if (all.empty()) return;
  const bool is_due = report_due_.HasPassed();
  if (is_due) {
    report_due_ = Deadline::After(timing_.stuck_after);
    for (const StuckRestore& stuck : all) LogStuck(log_, settings_, stuck);
  }
  forgotten_.End(
      *reader_, all, [this] { pulse_.Beat(); }, stop);
  if (is_due) reader_.Renew();
}

Deadline KafkaRestorer::LookUpDeadline() {
  pulse_.Beat();
  return Deadline::After(timing_.look_up);
}

}  // namespace consumer
