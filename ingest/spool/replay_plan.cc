#include "ingest/spool/replay_plan.h"

#include <algorithm>

namespace ingest {
namespace {

/// The number of rows that all queues together may know.
constexpr std::size_t kKnownRows = 32'768;

std::size_t CapacityOf(std::size_t partitions) {
  return std::clamp<std::size_t>(kKnownRows / partitions, 32, 2048);
}

}  // namespace

ReplayPlan::ReplayPlan(int partitions)
    : partitions_(static_cast<std::size_t>(partitions),
                  PartitionPlan(CapacityOf(static_cast<std::size_t>(partitions)))) {}

std::optional<std::int64_t> ReplayPlan::BeginScan(TimePoint now) {
  // Scans for the partitions in turn, so that one that finds little does not starve the others.
  for (std::size_t i = 1; i <= partitions_.size(); ++i) {
    const std::size_t turn = (scan_turn_ + i) % partitions_.size();
    const std::int64_t from = partitions_[turn].known_to();
    if (from > last_ || !partitions_[turn].IsRunningLow(now)) continue;
    scan_turn_ = turn;
    for (PartitionPlan& partition : partitions_) partition.BeginScan(from);
    return from;
  }
  return std::nullopt;
}

void ReplayPlan::Found(const WaitingRow& row, common::Partition partition) {
  partitions_[partition.index()].Found(row);
}

void ReplayPlan::EndScan(std::int64_t sequence) {
  for (PartitionPlan& partition : partitions_) partition.EndScan(sequence);
}

bool ReplayPlan::FoundLate(const WaitingRow& row, common::Partition partition) {
  return partitions_[partition.index()].FoundLate(row);
}

std::size_t ReplayPlan::unread() const {
  std::size_t count = 0;
  for (const PartitionPlan& partition : partitions_) count += partition.unread();
  return count;
}

std::vector<InFlightRow> ReplayPlan::Round(TimePoint now) {
  PartitionPlan::Room used;
  PartitionPlan::Room used_in_all;
  for (const PartitionPlan& partition : partitions_) {
    used_in_all.records += partition.in_flight();
    used_in_all.bytes += partition.in_flight_bytes();
    if (partition.IsSilent(now)) continue;
    used.records += partition.in_flight();
    used.bytes += partition.in_flight_bytes();
  }
  const auto left = [](std::size_t most, std::size_t taken) {
    return most - std::min(most, taken);
  };
  PartitionPlan::Room room{
      .records = std::min(left(kMaxRecords, used.records), left(kMostRecords, used_in_all.records)),
      .bytes = std::min(left(kMaxBytes, used.bytes), left(kMostBytes, used_in_all.bytes))};
  std::vector<InFlightRow> round;
  std::vector<std::int64_t> picked;
  round_turn_ = (round_turn_ + 1) % partitions_.size();
  for (std::size_t i = 0; i < partitions_.size(); ++i) {
    const std::size_t turn = (round_turn_ + i) % partitions_.size();
    picked.clear();
    partitions_[turn].Pick(now, room, picked);
    for (const std::int64_t sequence : picked) {
      round.push_back(
          {.sequence = sequence, .partition = common::Partition(static_cast<std::int32_t>(turn))});
    }
  }
  std::ranges::sort(round, {}, &InFlightRow::sequence);
  return round;
}

}  // namespace ingest
