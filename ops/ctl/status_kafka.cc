#include "ops/ctl/status_kafka.h"

#include <algorithm>
#include <chrono>
#include <vector>

#include "common/domain/record_headers.h"

namespace ctl {
namespace {

using common::Deadline;
using common::Result;
using common::WallTime;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr seconds kGroupLimit{5};
constexpr std::int64_t kMostLetters = 50'000;
/// What is read of the ends of partitions is a nicety: nobody waits long for it.
constexpr milliseconds kPatience{1'500};
/// A transaction ends with a control record, and an aborted one may stand after it.
constexpr std::int64_t kTail = 5;

}  // namespace

Result<void> DeadWatch::Begin(const Extents& extents, WallTime now) {
  read_ = extents;
  is_exact_ = SizeOf(extents) <= kMostLetters;
  Result<Extents> hour = is_exact_ ? extents : scan_->Find({.from = now - hours(1)});
  if (!hour) return hour.error();
  const std::int64_t most = kMostLetters / std::max<std::int64_t>(1, std::ssize(*hour));
  for (auto& [partition, extent] : *hour) {
    const std::int64_t from = is_exact_ ? extent.from : std::max(extent.from, extent.to - most);
    read_[partition] = {extents.at(partition).from, from};
  }
  return {};
}

Result<DeadFacts> DeadWatch::Look(WallTime now, const std::stop_token& stop) {
  const Result<Extents> whole = scan_->Find({});
  if (!whole) return whole.error();
  if (read_.empty()) {
    if (const auto begun = Begin(*whole, now); !begun) return begun.error();
  }
  Extents rest;
  for (const auto& [partition, extent] : *whole) {
    rest[partition] = {std::max(extent.from, read_[partition].to), extent.to};
  }
  const auto visit = [&](const ScannedRecord& record) {
    ++total_;
    read_[record.partition()].to = record.offset() + 1;
    const auto headers = record.headers();
    const auto reason = common::LastHeader(headers, common::header::kDeadReason);
    recent_.emplace_back(record.time(), reason.value_or("unknown"));
    return true;
  };
  const auto read =
      scan_->Read({.extents = rest, .visit = visit, .stop = stop, .patience = kPatience});
  // What could not be read now is read the next time.
  const bool is_read = read && *read == TopicScan::Ended::kAtEnd;
  for (const auto& [partition, extent] : rest) {
    if (is_read) read_[partition].to = extent.to;
  }
  std::erase_if(recent_, [&](const auto& letter) { return letter.first < now - hours(1); });

  DeadFacts facts;
  facts.is_exact = is_exact_ && is_read;
  facts.total = facts.is_exact ? total_ : SizeOf(*whole);
  for (const auto& [time, reason] : recent_) ++facts.last_hour[reason];
  return facts;
}

StatusReader::StatusReader(std::unique_ptr<GroupReader> group, std::unique_ptr<TopicScan> callbacks,
                           std::unique_ptr<TopicScan> processes, std::unique_ptr<TopicScan> dead)
    : group_(std::move(group)),
      callbacks_(std::move(callbacks)),
      processes_(std::move(processes)),
      dead_(std::move(dead)) {}

Result<std::unique_ptr<StatusReader>> StatusReader::Open(const ClusterSettings& settings) {
  auto group = GroupReader::Open(settings);
  if (!group) return group.error();
  auto callbacks = TopicScan::Open(settings, settings.topics.callbacks);
  if (!callbacks) return callbacks.error();
  auto processes = TopicScan::Open(settings, settings.topics.processes);
  if (!processes) return processes.error();
  auto dead = TopicScan::Open(settings, settings.topics.dead);
  if (!dead) return dead.error();
  return std::unique_ptr<StatusReader>(new StatusReader(*std::move(group), *std::move(callbacks),
                                                        *std::move(processes), *std::move(dead)));
}

Result<KafkaFacts> StatusReader::Read(WallTime now, const std::stop_token& stop) {
  KafkaFacts facts;
  if (const auto read = ReadPartitions(facts, stop); !read) return read.error();
  auto group = group_->Describe(Deadline::After(kGroupLimit));
  if (!group) return group.error();
  facts.group = *std::move(group);
  auto dead = dead_.Look(now, stop);
  if (!dead) return dead.error();
  facts.dead = *std::move(dead);
  if (const auto read = ReadLastResult(stop); !read) return read.error();
  facts.last_result = last_result_;
  return facts;
}

Result<void> StatusReader::ReadPartitions(KafkaFacts& facts, const std::stop_token& stop) {
  const Result<Extents> whole = callbacks_->Find({});
  if (!whole) return whole.error();
  std::vector<std::int32_t> partitions;
  for (const auto& [partition, extent] : *whole) partitions.push_back(partition);
  const auto committed = group_->Committed(partitions, Deadline::After(kGroupLimit));
  if (!committed) return committed.error();

  Extents oldest;
  for (const auto& [partition, extent] : *whole) {
    PartitionFacts partition_facts;
    partition_facts.partition = partition;
    partition_facts.end = extent.to;
    const auto offset = committed->find(partition);
    std::int64_t next = extent.from;
    if (offset != committed->end()) {
      partition_facts.committed = offset->second;
      next = std::max(next, offset->second);
    }
    partition_facts.lag = std::max<std::int64_t>(0, extent.to - next);
    if (partition_facts.lag > 0) oldest[partition] = {next, next + 1};
    facts.partitions.push_back(partition_facts);
  }
  const auto visit = [&](const ScannedRecord& record) {
    for (PartitionFacts& partition : facts.partitions) {
      if (partition.partition == record.partition()) partition.oldest = record.time();
    }
    return true;
  };
  // A record that cannot be read in time is not told of.
  static_cast<void>(
      callbacks_->Read({.extents = oldest, .visit = visit, .stop = stop, .patience = kPatience}));
  return {};
}

Result<void> StatusReader::ReadLastResult(const std::stop_token& stop) {
  const Result<Extents> whole = processes_->Find({});
  if (!whole) return whole.error();
  Extents tails;
  for (const auto& [partition, extent] : *whole) {
    const std::int64_t seen = results_[partition].to;
    if (extent.to > seen) {
      tails[partition] = {std::max({extent.from, seen, extent.to - kTail}), extent.to};
    }
    results_[partition] = extent;
  }
  const auto visit = [&](const ScannedRecord& record) {
    last_result_ = std::max(last_result_.value_or(record.time()), record.time());
    return true;
  };
  static_cast<void>(
      processes_->Read({.extents = tails, .visit = visit, .stop = stop, .patience = kPatience}));
  return {};
}

}  // namespace ctl
