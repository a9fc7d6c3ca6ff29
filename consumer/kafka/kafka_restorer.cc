#include "consumer/kafka/kafka_restorer.h"

#include <algorithm>
#include <string>
#include <utility>

#include "common/kafka/record_codec.h"
#include "consumer/state/marker.h"

namespace consumer {
namespace {

using common::Deadline;
using std::chrono::milliseconds;
namespace kafka = common::kafka;

constexpr milliseconds kLookUp{3'000};
/// Longer than a transaction that its owner has left open takes to be aborted.
constexpr milliseconds kReadPatience{60'000};
constexpr milliseconds kEndsEvery{5'000};
constexpr common::Backoff kRetry{milliseconds(100), milliseconds(3'000)};
/// Record times come from the clocks of several brokers, "now" from ours.
constexpr std::chrono::hours kClockSlack{1};

std::vector<Partition> KeysOf(const Offsets& offsets) {
  std::vector<Partition> partitions;
  for (const auto& [partition, offset] : offsets) partitions.push_back(partition);
  return partitions;
}

}  // namespace

common::Result<std::unique_ptr<KafkaRestorer>> KafkaRestorer::Create(
    ClientSettings settings, std::chrono::seconds largest_window, const common::Logger& log) {
  auto reader = LogReader::Create(settings, log);
  if (!reader) return reader.error();
  return std::unique_ptr<KafkaRestorer>(
      new KafkaRestorer(std::move(settings), largest_window, log, *std::move(reader)));
}

KafkaRestorer::KafkaRestorer(ClientSettings settings, std::chrono::seconds largest_window,
                             const common::Logger& log, std::unique_ptr<LogReader> reader)
    : settings_(std::move(settings)),
      largest_window_(largest_window),
      log_(log),
      reader_(std::move(reader)),
      thread_([this](const std::stop_token& stop) { Run(stop); }) {}

void KafkaRestorer::Restore(std::vector<Partition> partitions, Epoch epoch) {
  {
    const std::lock_guard lock(mutex_);
    asked_ = {std::move(partitions), epoch, Deadline::Clock::now()};
    restored_.clear();
    ends_.clear();
  }
  changed_.notify_all();
}

std::vector<RestoredPartition> KafkaRestorer::TakeRestored() {
  wake_.Drain();
  const std::lock_guard lock(mutex_);
  return std::exchange(restored_, {});
}

std::vector<PartitionOffset> KafkaRestorer::TakeEnds() {
  const std::lock_guard lock(mutex_);
  return std::exchange(ends_, {});
}

void KafkaRestorer::Run(const std::stop_token& stop) {
  Request request;  // With the partitions that are still to be restored.
  auto retry_at = Deadline::Clock::time_point::max();
  auto ends_at = Deadline::Clock::time_point::max();
  int failures = 0;
  while (!stop.stop_requested()) {
    if (TakeRequest(request, std::min(retry_at, ends_at), stop)) {
      failures = 0;
      retry_at = ends_at = Deadline::Clock::now();
    }
    if (stop.stop_requested()) return;
    if (Deadline::Clock::now() >= ends_at) {
      LookUpEnds();
      ends_at = Deadline::Clock::now() + kEndsEvery;
    }
    if (Deadline::Clock::now() < retry_at) continue;
    const std::size_t missing = request.partitions.size();
    if (missing > 0) TryRestore(request, stop);
    failures = request.partitions.size() < missing ? 0 : failures + 1;
    retry_at = request.partitions.empty() ? Deadline::Clock::time_point::max()
                                          : Deadline::Clock::now() + kRetry.Delay(failures, 1.0);
  }
}

bool KafkaRestorer::TakeRequest(Request& request, Deadline::Clock::time_point until,
                                const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  const auto is_new = [&] { return asked_.epoch != request.epoch; };
  // Far enough for what never comes; time_point::max() overflows in the wait.
  until = std::min(until, Deadline::Clock::now() + std::chrono::hours(1));
  if (!changed_.wait_until(lock, stop, until, is_new)) return false;
  request = asked_;
  return true;
}

void KafkaRestorer::TryRestore(Request& request, const std::stop_token& stop) {
  const auto deadline = [] { return Deadline::After(kLookUp); };
  const std::string& seen = settings_.topics.seen;
  const Offsets starts = reader_->Committed(request.partitions, deadline());
  if (starts.empty() || stop.stop_requested() || !IsCurrent(request)) return;
  std::map<Partition, common::WallTime> oldest =
      reader_->FirstTimes(starts, common::WallNow(), deadline());
  for (auto& [partition, time] : oldest) time -= largest_window_ + kClockSlack;
  Offsets from = reader_->OffsetsAt(seen, oldest, deadline());
  if (from.empty() || stop.stop_requested() || !IsCurrent(request)) return;
  const Offsets to = reader_->Ends(seen, KeysOf(from), deadline());
  std::erase_if(from, [&](const auto& entry) { return !to.contains(entry.first); });
  ReadMarkers(request, starts, oldest, from, to, stop);
}

void KafkaRestorer::ReadMarkers(Request& request, const Offsets& starts,
                                const std::map<Partition, common::WallTime>& oldest,
                                const Offsets& from, const Offsets& to,
                                const std::stop_token& stop) {
  std::map<Partition, DedupTable> tables;
  const auto take = [&](const rd_kafka_message_t& message) {
    const auto time = kafka::TimestampOf(message);
    if (!time) return;
    const auto marker = ReadMarker(kafka::KeyOf(message), {}, *time);
    if (marker) tables[message.partition].Insert(marker->identity, marker->record_time);
  };
  const auto done = [&](Partition partition) {
    std::erase(request.partitions, partition);
    DedupTable table = std::move(tables[partition]);
    table.RaiseFloor(oldest.at(partition));
    HandOver({.epoch = request.epoch,
              .partition = partition,
              .start = starts.at(partition),
              .table = std::move(table),
              .elapsed = Deadline::Clock::now() - request.asked_at});
  };
  const auto is_wanted = [&] { return !stop.stop_requested() && IsCurrent(request); };
  const bool is_complete =
      reader_->Read({settings_.topics.seen, from, to, take, done, is_wanted, kReadPatience});
  if (is_complete || !is_wanted()) return;
  std::string partitions;
  for (const Partition partition : request.partitions) {
    partitions.append(partitions.empty() ? "" : ",").append(std::to_string(partition));
  }
  log_.Error("restore.stuck", {{"instance", settings_.instance},
                               {"topic", settings_.topics.seen},
                               {"partitions", partitions},
                               {"why",
                                "nothing can be read up to the end for a minute; if it stays so, a "
                                "transaction hangs on the broker (kafka-transactions.sh "
                                "find-hanging)"}});
  if (auto fresh = LogReader::Create(settings_, log_)) reader_ = *std::move(fresh);
}

void KafkaRestorer::LookUpEnds() {
  std::vector<Partition> partitions;
  {
    const std::lock_guard lock(mutex_);
    partitions = asked_.partitions;
  }
  const Offsets ends =
      reader_->Ends(settings_.topics.callbacks, partitions, Deadline::After(kLookUp));
  {
    const std::lock_guard lock(mutex_);
    ends_.clear();
    for (const auto& [partition, end] : ends) ends_.push_back({partition, end});
  }
  wake_.Signal();
}

void KafkaRestorer::HandOver(RestoredPartition restored) {
  {
    const std::lock_guard lock(mutex_);
    if (restored.epoch != asked_.epoch) return;
    restored_.push_back(std::move(restored));
  }
  wake_.Signal();
}

bool KafkaRestorer::IsCurrent(const Request& request) {
  const std::lock_guard lock(mutex_);
  return asked_.epoch == request.epoch;
}

}  // namespace consumer
