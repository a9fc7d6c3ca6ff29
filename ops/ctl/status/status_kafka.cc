#include "ops/ctl/status/status_kafka.h"

#include <algorithm>
#include <map>
#include <utility>

namespace ctl {
namespace {

using common::Deadline;
using common::Result;
using common::WallTime;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr seconds kGroupLimit{5};
/// Long enough for an answer that is ready.
constexpr milliseconds kReady{500};
/// The last results are not worth a longer wait.
constexpr milliseconds kPatienceWithResults{1'500};
/// After the last result, there may be its transaction's marker and an aborted transaction.
constexpr std::int64_t kTail = 5;
/// A lag this small is counted record by record: the offsets may be transaction markers.
constexpr std::int64_t kFew = 100;

std::vector<common::Partition> PartitionsOf(const KafkaFacts& facts) {
  std::vector<common::Partition> partitions;
  for (const PartitionFacts& partition : facts.partitions) {
    partitions.push_back(partition.partition);
  }
  return partitions;
}

}  // namespace

Result<std::unique_ptr<StatusReader>> StatusReader::Open(const ClusterSettings& settings) {
  std::unique_ptr<StatusReader> reader(new StatusReader(settings));
  auto group = GroupReader::Open(settings);
  if (!group) return group.error();
  auto callbacks = TopicScan::Open(settings, settings.topics.callbacks);
  if (!callbacks) return callbacks.error();
  auto processes = TopicScan::Open(settings, settings.topics.processes);
  if (!processes) return processes.error();
  auto dead = TopicScan::Open(settings, settings.topics.dead);
  if (!dead) return dead.error();
  auto transactions = TransactionWatch::Open(settings);
  if (!transactions) return transactions.error();
  auto cluster = Cluster::Open(settings);
  if (!cluster) return cluster.error();
  reader->group_ = *std::move(group);
  reader->callbacks_ = *std::move(callbacks);
  reader->processes_ = *std::move(processes);
  reader->dead_ = std::make_unique<DeadWatch>(*std::move(dead));
  reader->transactions_ = *std::move(transactions);
  reader->cluster_ = *std::move(cluster);
  return reader;
}

Result<KafkaFacts> StatusReader::Read(WallTime now, milliseconds patience,
                                      const std::stop_token& stop) {
  KafkaFacts facts;
  if (const auto read = ReadPartitions(facts, patience, stop); !read) return read.error();
  const auto take = [&](auto& fact, auto answer, const std::string& what) {
    if (answer) {
      fact = *std::move(answer);
    } else {
      facts.unknown.push_back(what + ": " + answer.error().detail);
    }
  };
  take(facts.group, group_->Describe(Deadline::After(kGroupLimit)), "the members of the group");
  take(facts.dead, dead_->Look(now, stop), "dead letters");
  take(facts.transactions, transactions_->Look(patience, stop), "open transactions");
  take(facts.topics, CheckTopics(), "the configuration of the topics");
  if (const auto read = ReadLastResults(facts, stop); !read) {
    facts.unknown.push_back("the last results: " + read.error().detail);
  }
  return facts;
}

Result<void> StatusReader::ReadPartitions(KafkaFacts& facts, milliseconds patience,
                                          const std::stop_token& stop) {
  const Result<Extents> whole = callbacks_->Find({});
  if (!whole) return whole.error();
  for (const auto& [partition, extent] : *whole) {
    facts.partitions.push_back({.partition = partition, .begin = extent.from, .end = extent.to});
  }
  if (const auto read = ReadOffsets(facts, patience, stop); !read) return read.error();
  // An offset committed meanwhile may lie after the end looked up before.
  const Result<Extents> after = callbacks_->Find({});
  if (!after) return after.error();
  for (PartitionFacts& partition : facts.partitions) {
    const auto extent = after->find(partition.partition);
    if (extent != after->end()) partition.end = extent->second.to;
  }
  CompareWithWitnesses(facts, stop);
  ReadWaiting(facts, stop);
  return {};
}

// A transaction with an offset of one partition delays the answer for all partitions.
Result<void> StatusReader::ReadOffsets(KafkaFacts& facts, milliseconds patience,
                                       const std::stop_token& stop) {
  const std::vector<common::Partition> partitions = PartitionsOf(facts);
  const Deadline deadline = Deadline::After(patience);
  auto committed = group_->Committed(partitions, Deadline::After(kReady));
  while (!committed) {
    committed = group_->CommittedBefore(partitions, Deadline::After(kGroupLimit));
    if (!committed) return committed.error();
    const auto now = Deadline::Clock::now();
    std::map<common::Partition, Deadline::Clock::time_point> pending;
    for (const common::Partition partition : partitions) {
      if (group_->Committed({partition}, Deadline::After(kReady))) continue;
      const auto known = pending_since_.find(partition);
      pending[partition] = known == pending_since_.end() ? now : known->second;
    }
    pending_since_ = std::move(pending);
    if (pending_since_.empty() || deadline.HasPassed() || stop.stop_requested()) break;
    committed = group_->Committed(partitions, Deadline::After(kReady));
    if (committed) pending_since_.clear();
  }
  const auto now = Deadline::Clock::now();
  for (PartitionFacts& partition : facts.partitions) {
    if (const auto since = pending_since_.find(partition.partition);
        since != pending_since_.end()) {
      partition.pending_for = std::chrono::duration_cast<milliseconds>(now - since->second);
    }
    const auto offset = committed->find(partition.partition);
    if (offset == committed->end()) continue;
    partition.committed = offset->second.offset;
    partition.rests_on = offset->second.metadata;
  }
  return {};
}

void StatusReader::CompareWithWitnesses(KafkaFacts& facts, const std::stop_token& stop) {
  for (std::size_t position = 0; position <= common::OffsetMetadata::kMostUnchecked; ++position) {
    std::map<common::Partition, common::OffsetWitness> wanted;
    Extents extents;
    for (const PartitionFacts& partition : facts.partitions) {
      const auto witnesses = WitnessesOf(partition.rests_on);
      if (position >= witnesses.size() || partition.is_another_log) continue;
      const common::OffsetWitness& witness = witnesses[position];
      if (witness.offset < partition.begin || witness.offset >= partition.end) continue;
      wanted[partition.partition] = witness;
      extents[partition.partition] = {witness.offset, witness.offset + 1};
    }
    if (wanted.empty()) continue;
    const auto visit = [&](const ScannedRecord& record) {
      for (PartitionFacts& partition : facts.partitions) {
        if (partition.partition != record.partition()) continue;
        const common::OffsetWitness lies{record.offset(), record.time()};
        partition.is_another_log = lies != wanted.at(record.partition());
      }
      return true;
    };
    const auto read = callbacks_->Read(
        {.extents = extents, .visit = visit, .stop = stop, .patience = kPatienceWithResults});
    if (read) continue;
    return facts.unknown.push_back("whether a log was replaced: " + read.error().detail);
  }
}

void StatusReader::ReadWaiting(KafkaFacts& facts, const std::stop_token& stop) {
  Extents few;
  std::map<common::Partition, std::int64_t> counted;
  for (PartitionFacts& partition : facts.partitions) {
    common::Offset next = std::max(partition.begin, partition.committed.value_or(common::Offset()));
    if (partition.HasGoneBack()) next = partition.begin;
    partition.lag = std::max<std::int64_t>(0, partition.end - next);
    if (partition.lag == 0) continue;
    few[partition.partition] = {next, std::min(partition.end, next + kFew)};
    counted[partition.partition] = 0;
  }
  const auto visit = [&](const ScannedRecord& record) {
    for (PartitionFacts& partition : facts.partitions) {
      if (partition.partition != record.partition()) continue;
      if (!partition.oldest) partition.oldest = record.time();
      ++counted[partition.partition];
    }
    return true;
  };
  const auto read = callbacks_->Read(
      {.extents = few, .visit = visit, .stop = stop, .patience = kPatienceWithResults});
  // The age of unread callbacks is unknown.
  if (!read || *read != TopicScan::Ended::kAtEnd) return;
  for (PartitionFacts& partition : facts.partitions) {
    const auto looked_through = few.find(partition.partition);
    if (looked_through == few.end() || looked_through->second.to < partition.end) continue;
    partition.lag = counted[partition.partition];
  }
}

Result<void> StatusReader::ReadLastResults(KafkaFacts& facts, const std::stop_token& stop) {
  const Result<Extents> whole = processes_->Find({});
  if (!whole) return whole.error();
  Extents tails;
  for (const auto& [partition, extent] : *whole) {
    const common::Offset seen = results_[partition].to;
    if (extent.to > seen) {
      tails[partition] = {std::max({extent.from, seen, extent.to - kTail}), extent.to};
    }
    results_[partition] = extent;
  }
  const auto visit = [&](const ScannedRecord& record) {
    const auto known = last_results_.try_emplace(record.partition(), record.time()).first;
    known->second = std::max(known->second, record.time());
    return true;
  };
  const auto read = processes_->Read(
      {.extents = tails, .visit = visit, .stop = stop, .patience = kPatienceWithResults});
  for (PartitionFacts& partition : facts.partitions) {
    const auto last = last_results_.find(partition.partition);
    if (last != last_results_.end()) partition.last_result = last->second;
  }
  if (!read) return read.error();
  facts.are_results_known = true;
  return {};
}

Result<std::vector<common::kafka::TopicFinding>> StatusReader::CheckTopics() {
  using common::kafka::TopicScope;
  const TopicScope scope = settings_.expected ? TopicScope::kAll : TopicScope::kHandling;
  const auto facts = cluster_->Facts(TopicsOf(settings_.topics, scope));
  if (!facts) return facts.error();
  return common::kafka::CheckTopics(
      settings_.topics, scope,
      {.dedup_reach = settings_.DedupReach(), .expected_wait = settings_.ExpectedWait()}, *facts);
}

}  // namespace ctl
