#include "consumer/kafka/log_survey.h"

#include <algorithm>
#include <set>
#include <vector>

#include "consumer/kafka/record_pieces.h"

namespace consumer {

namespace {

/// Retention may have deleted the record after its log's beginning was looked up.
void LookAgain(LogReader& reader, const std::string& topic,
               const std::vector<Partition>& partitions, std::map<Partition, SurveyedLog>& logs,
               const std::function<common::Deadline()>& deadline) {
  if (partitions.empty()) return;
  const Offsets begins = reader.Begins(topic, partitions, deadline());
  for (const Partition partition : partitions) {
    const auto begin = begins.find(partition);
    if (begin == begins.end()) {
      logs.erase(partition);
    } else {
      logs.at(partition).log.begin = begin->second;
    }
  }
}

}  // namespace

std::map<Partition, SurveyedLog> Survey(LogReader& reader, const std::string& topic,
                                        const std::map<Partition, ReadPosition>& positions,
                                        const std::function<common::Deadline()>& deadline) {
  std::vector<Partition> partitions;
  partitions.reserve(positions.size());
  for (const auto& [partition, position] : positions) partitions.push_back(partition);
  const Offsets begins = reader.Begins(topic, partitions, deadline());
  // Looked up after the positions were taken, so an end below a position is not a race.
  const Offsets ends = reader.Ends(topic, partitions, deadline());
  std::map<Partition, SurveyedLog> logs;
  Offsets to_read;
  for (const auto& [partition, position] : positions) {
    const auto begin = begins.find(partition);
    const auto end = ends.find(partition);
    if (begin == begins.end() || end == ends.end()) continue;
    logs[partition].log = {.begin = begin->second, .end = end->second};
    const auto& last = position.last;
    if (last && last->offset >= begin->second && last->offset < end->second) {
      to_read[partition] = last->offset;
    }
  }
  std::set<Partition> without;
  const auto records = RecordPieces::Read(to_read, without, [&](const auto& some, auto& none) {
    return reader.FirstRecords(topic, some, none, deadline());
  });
  std::vector<Partition> differing;
  for (const auto& [partition, offset] : to_read) {
    const auto record = records.find(partition);
    if (record != records.end()) {
      logs[partition].log.at_last = record->second;
    } else if (!without.contains(partition)) {
      logs.erase(partition);
      continue;
    }
    if (logs[partition].log.at_last != positions.at(partition).last) differing.push_back(partition);
  }
  LookAgain(reader, topic, differing, logs, deadline);
  for (auto& [partition, found] : logs) {
    found.went_back = WentBack(positions.at(partition), found.log);
  }
  return logs;
}

void SurveyUnchecked(LogReader& reader, const std::string& topic,
                     const std::map<Partition, std::vector<common::OffsetWitness>>& unchecked,
                     std::map<Partition, SurveyedLog>& logs,
                     const std::function<common::Deadline()>& deadline) {
  for (std::size_t round = 0;; ++round) {
    std::map<Partition, ReadPosition> positions;
    for (const auto& [partition, witnesses] : unchecked) {
      const auto log = logs.find(partition);
      const bool is_known = log == logs.end() || log->second.went_back;
      if (!is_known && round < witnesses.size()) positions[partition].last = witnesses[round];
    }
    if (positions.empty()) return;
    const auto found = Survey(reader, topic, positions, deadline);
    for (const auto& [partition, position] : positions) {
      const auto at = found.find(partition);
      if (at == found.end()) {
        logs.erase(partition);
      } else if (at->second.went_back) {
        logs.at(partition).went_back = true;
      }
    }
  }
}

std::map<Partition, std::optional<common::OffsetWitness>> WitnessesBelow(
    LogReader& reader, const std::string& topic, const Offsets& offsets,
    common::Deadline deadline) {
  std::map<Partition, std::optional<common::OffsetWitness>> witnesses;
  Offsets below;
  for (const auto& [partition, offset] : offsets) {
    if (offset > Offset()) {
      below[partition] = offset - 1;
    } else {
      witnesses[partition] = std::nullopt;
    }
  }
  std::set<Partition> without;
  for (const auto& [partition, record] : reader.FirstRecords(topic, below, without, deadline)) {
    const bool is_below = record.offset == below.at(partition);
    witnesses[partition] = is_below ? std::optional(record) : std::nullopt;
  }
  for (const Partition partition : without) witnesses[partition] = std::nullopt;
  return witnesses;
}

std::map<Partition, RestoredPartition> FindStarts(
    LogReader& reader, const std::string& topic, const RestoreOrder& order,
    const CommittedOffsets& committed, const std::function<common::Deadline()>& deadline) {
  std::map<Partition, ReadPosition> positions;
  std::map<Partition, std::vector<common::OffsetWitness>> unchecked;
  for (const auto& [partition, left] : committed) {
    const bool means_nothing = left.is_absent || order.from_begin.contains(partition);
    positions[partition] =
        means_nothing ? ReadPosition{} : ReadPosition{left.offset, left.metadata.last};
    if (!means_nothing) unchecked[partition] = left.metadata.unchecked;
  }
  std::map<Partition, SurveyedLog> logs = Survey(reader, topic, positions, deadline);
  SurveyUnchecked(reader, topic, unchecked, logs, deadline);
  std::map<Partition, RestoredPartition> starts;
  for (const auto& [partition, found] : logs) {
    const CommittedOffset& left = committed.at(partition);
    const Offset begin = found.log.begin;
    RestoredPartition& start = starts[partition];
    start.epoch = order.epoch;
    start.partition = partition;
    start.committed = left.is_absent ? begin : left.offset;
    start.went_back = found.went_back || order.from_begin.contains(partition);
    start.start = start.went_back ? begin : std::max(begin, start.committed);
    if (start.start != start.committed || start.went_back) continue;
    start.basis = left.metadata;
    start.basis.unchecked.clear();
  }
  return starts;
}

}  // namespace consumer
