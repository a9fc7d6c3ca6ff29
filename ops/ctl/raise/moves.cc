#include "ops/ctl/raise/moves.h"

#include <algorithm>

#include "common/domain/key_partition.h"

namespace ctl {

Moves::Moves(int from, int to, const common::kafka::Extents& extents) : from_(from), to_(to) {
  for (const auto& [partition, extent] : extents) {
    if (partition.number() >= from) continue;
    const auto size = static_cast<std::size_t>(extent.to - extent.from);
    logs_[partition] = {.from = extent.from, .is_copied = std::vector<bool>(size)};
  }
}

void Moves::Note(const Noted& record) {
  if (record.copy_of && record.copy_of->partitions == to_) {
    const auto log = logs_.find(record.copy_of->partition);
    if (log == logs_.end() || record.copy_of->offset < log->second.from) return;
    const auto at = static_cast<std::size_t>(record.copy_of->offset - log->second.from);
    std::vector<bool>& is_copied = log->second.is_copied;
    if (at >= is_copied.size() || is_copied[at]) return;
    is_copied[at] = true;
    ++copied_;
    return;
  }
  ++all_;
  if (!record.hash && record.partition.number() < from_) {
    ++unknown_;
    newest_unknown_ = std::max(newest_unknown_, record.time);
  }
  if (PlaceOf(record.partition, record.hash)) ++moving_;
}

std::optional<common::Partition> Moves::TargetOf(common::Partition partition, common::Offset offset,
                                                 std::optional<std::uint32_t> hash) const {
  const auto place = PlaceOf(partition, hash);
  if (!place) return std::nullopt;
  const auto log = logs_.find(partition);
  if (log == logs_.end() || offset < log->second.from) return std::nullopt;
  const auto at = static_cast<std::size_t>(offset - log->second.from);
  if (at >= log->second.is_copied.size() || log->second.is_copied[at]) return std::nullopt;
  return place;
}

// A record that is not in its place of the smaller number was copied when that number came, or is
// in its place of the larger one.
std::optional<common::Partition> Moves::PlaceOf(common::Partition partition,
                                                std::optional<std::uint32_t> hash) const {
  if (!hash || common::PartitionOfHash(*hash, from_) != partition) return std::nullopt;
  const common::Partition place = common::PartitionOfHash(*hash, to_);
  return place == partition ? std::nullopt : std::optional(place);
}

}  // namespace ctl
