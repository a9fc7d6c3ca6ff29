#pragma once

#include <map>
#include <vector>

#include "common/domain/offset.h"
#include "common/domain/partition.h"
#include "common/kafka/partition_offsets.h"
#include "tests/simulation/cluster/protocol.h"

namespace simulation {

// The brokers of the model number partitions and offsets; consumer tells them apart by their types.

[[nodiscard]] inline std::vector<int> NumbersOf(const std::vector<common::Partition>& partitions) {
  std::vector<int> numbers;
  numbers.reserve(partitions.size());
  for (const common::Partition partition : partitions) numbers.push_back(partition.number());
  return numbers;
}

[[nodiscard]] inline std::vector<common::Partition> PartitionsOf(const std::vector<int>& numbers) {
  return {numbers.begin(), numbers.end()};
}

[[nodiscard]] inline common::kafka::PartitionOffsets OffsetsOf(
    const std::map<int, Offset>& numbers) {
  common::kafka::PartitionOffsets offsets;
  for (const auto& [partition, offset] : numbers) {
    offsets[common::Partition(partition)] = common::Offset(offset);
  }
  return offsets;
}

}  // namespace simulation
