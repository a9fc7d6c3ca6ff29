#include "consumer/kafka/kept_markers.h"

namespace consumer {
namespace {

/// Longer than a session and the rebalance after it: then a partition may be ours again.
constexpr std::chrono::minutes kKeptFor{2};

}  // namespace

void KeptMarkers::Keep(Partition partition, MarkersRead read, TimePoint now) {
  const auto known = kept_.find(partition);
  if (known != kept_.end() && known->second.read.origin.last.offset > read.origin.last.offset) {
    return;
  }
  kept_.insert_or_assign(partition, Kept{std::move(read), now});
}

std::optional<MarkersRead> KeptMarkers::Take(Partition partition, const Wanted& wanted) {
  auto entry = kept_.extract(partition);
  if (entry.empty()) return std::nullopt;
  const MarkersOrigin& origin = entry.mapped().read.origin;
  const bool has_all = origin.from <= wanted.from && origin.floor <= wanted.floor;
  const bool is_ahead = wanted.from <= origin.last.offset;
  if (!has_all || !is_ahead || origin.partitions != wanted.partitions) return std::nullopt;
  return std::move(entry.mapped().read);
}

void KeptMarkers::Drop(const std::set<Partition>& partitions) {
  for (const Partition partition : partitions) kept_.erase(partition);
}

void KeptMarkers::DropOld(TimePoint now) {
  std::erase_if(kept_, [&](const auto& entry) { return now - entry.second.since > kKeptFor; });
}

}  // namespace consumer
