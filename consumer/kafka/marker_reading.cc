#include "consumer/kafka/marker_reading.h"

#include <utility>

#include "common/domain/marker.h"
#include "common/kafka/record_codec.h"

namespace consumer {

namespace kafka = common::kafka;

MarkerReading::MarkerReading(Plan plan, KeptMarkers& kept) : kept_(kept) {
  for (const auto& [partition, from] : plan.from) {
    Part& part = parts_[partition];
    part.restored = std::move(plan.starts.at(partition));
    part.origin = {.from = from,
                   .floor = plan.oldest.at(partition),
                   .partitions = part.restored.basis.partitions.value_or(0),
                   .last = {}};
    auto known = kept_.Take(partition, {from, part.origin.floor, part.origin.partitions});
    if (known) {
      part.restored.table = std::move(known->table);
      part.restored.published_until = known->published_until;
      part.awaited = std::move(known->origin.last);
    }
    part.restored.table.RaiseFloor(part.origin.floor);
    begins_[partition] = part.awaited ? part.awaited->offset : from;
  }
}

void MarkerReading::Read(const rd_kafka_message_t& message) {
  const Partition partition = kafka::PartitionOf(message);
  reached_[partition] = kafka::OffsetOf(message);
  Part& part = parts_.at(partition);
  SeenRecord& last = part.origin.last;
  last.offset = kafka::OffsetOf(message);
  last.time = kafka::TimestampOf(message);
  last.key = kafka::KeyOf(message);
  part.has_read = true;
  if (const auto awaited = std::exchange(part.awaited, std::nullopt)) {
    part.is_another_log = *awaited != last;
    return;
  }
  if (!last.time || part.is_another_log) return;
  kafka::ViewHeaders(message, headers_);
  const auto marker = common::ReadArrivedMarker(last.key, headers_, *last.time);
  if (marker) part.restored.Add(*marker, now_);
}

std::optional<HandedPartition> MarkerReading::End(Partition partition) {
  auto ended = parts_.extract(partition);
  Part& part = ended.mapped();
  if (!IsSound(part)) return std::nullopt;
  HandedPartition handed{std::move(part.restored), std::nullopt};
  if (part.has_read) handed.origin = std::move(part.origin);
  return handed;
}

void MarkerReading::Keep(KeptMarkers::TimePoint now) {
  for (auto& [partition, part] : parts_) {
    if (part.is_another_log) continue;
    if (part.awaited) {  // Nothing came at all.
      part.origin.last = *std::exchange(part.awaited, std::nullopt);
    } else if (!part.has_read) {
      continue;
    }
    kept_.Keep(
        partition,
        {std::move(part.origin), std::move(part.restored.table), part.restored.published_until},
        now);
  }
  parts_.clear();
}

}  // namespace consumer
