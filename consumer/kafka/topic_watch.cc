#include "consumer/kafka/topic_watch.h"

namespace consumer {

std::vector<LogBounds> TopicWatch::Look(LogReader& reader, const Watched& watched,
                                        const std::function<common::Deadline()>& deadline) {
  std::map<Partition, ReadPosition> positions;
  for (const Partition partition : watched.assigned) positions[partition] = {};
  for (const auto& [partition, position] : watched.positions) {
    const auto anchor = anchors_.find(partition);
    const auto first = watched.first.find(partition);
    positions[partition] = position;
    if (anchor != anchors_.end()) {
      positions[partition].last = anchor->second;
    } else if (first != watched.first.end()) {
      positions[partition].last = first->second.last;
    }
  }
  CommittedOffsets committed;
  if (!watched.restoring.empty()) {
    committed = reader.Committed(watched.restoring, LogReader::Stability::kRough, deadline());
  }
  std::vector<LogBounds> bounds;
  for (const auto& [partition, found] : Survey(reader, callbacks_, positions, deadline)) {
    LogBounds& bound = bounds.emplace_back();
    bound.partition = partition;
    bound.begin = found.log.begin;
    bound.end = found.log.end;
    bound.went_back = found.went_back;
    const auto left = committed.find(partition);
    if (left != committed.end()) bound.committed = left->second.offset;
    const auto position = watched.positions.find(partition);
    if (position == watched.positions.end() || !position->second.last) continue;
    anchors_[partition] = *position->second.last;
  }
  return bounds;
}

}  // namespace consumer
