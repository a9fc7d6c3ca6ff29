#include "ops/ctl/dead/dead_topic.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "common/kafka/classify_error.h"

namespace ctl {
namespace {

using common::Error;
using common::RecordPosition;
using common::Remedy;
using common::Result;

Error NoLetter(const common::RecordPosition& place, const std::string& why) {
  return {Remedy::kStop, common::kafka::code::kUnexpected,
          "there is no dead letter " + ToText(place) + ": " + why};
}

ScanRange RangeOf(const DeadFilter& filter) {
  ScanRange range{.from = filter.from, .to = filter.to};
  if (!filter.places) return range;
  std::set<common::Partition> partitions;
  for (const RecordPosition& place : *filter.places) partitions.insert(place.partition);
  range.partitions.assign(partitions.begin(), partitions.end());
  return range;
}

/// From the first of the places to the last one, in each partition.
void Narrow(Extents& extents, const std::set<RecordPosition>& places) {
  for (auto& [partition, extent] : extents) {
    const auto first = places.lower_bound({partition, {}});
    const common::Partition next(partition.number() + 1);
    const auto last = std::prev(places.lower_bound({next, {}}));
    extent.to = std::min(extent.to, last->offset + 1);
    extent.from = std::min(std::max(extent.from, first->offset), extent.to);
  }
}

}  // namespace

DeadRecord ToDeadRecord(const ScannedRecord& record) {
  return {.place = {record.partition(), record.offset()},
          .time = record.time(),
          .key = std::string(record.key()),
          .value = std::string(record.value()),
          .headers = record.headers()};
}

Result<TopicScan::Ended> ForEachDeadLetter(const ClusterSettings& settings,
                                           const DeadFilter& filter, Progress& progress,
                                           const DeadVisitor& visit, const std::stop_token& stop) {
  const Result<std::unique_ptr<TopicScan>> scan = TopicScan::Open(settings, settings.topics.dead);
  if (!scan) return scan.error();
  Result<Extents> extents = scan.value()->Find(RangeOf(filter));
  if (!extents) return extents.error();
  if (filter.places) Narrow(*extents, *filter.places);
  return scan.value()->Read(
      {.extents = *std::move(extents),
       .visit =
           [&](const ScannedRecord& scanned) {
             const DeadRecord record = ToDeadRecord(scanned);
             const DeadSummary summary = Summarise(record, settings.providers);
             return !Matches(filter, summary, settings.providers) || visit(record, summary);
           },
       .progress = [&](std::int64_t done, std::int64_t total) { progress.Show(done, total); },
       .stop = stop});
}

Result<std::optional<common::WallTime>> FindFirstDeath(const ClusterSettings& settings,
                                                       const DeadFilter& filter, Progress& progress,
                                                       const std::stop_token& stop) {
  std::optional<common::WallTime> first;
  const auto ended = ForEachDeadLetter(
      settings, filter, progress,
      [&](const DeadRecord& letter, const DeadSummary& /*summary*/) {
        first = std::min(first.value_or(letter.time), letter.time);
        return true;
      },
      stop);
  if (!ended) return ended.error();
  return first;
}

Result<DeadRecord> ReadDeadLetter(const ClusterSettings& settings,
                                  const common::RecordPosition& place) {
  const Result<std::unique_ptr<TopicScan>> scan = TopicScan::Open(settings, settings.topics.dead);
  if (!scan) return scan.error();
  const Result<Extents> extents = scan.value()->Find({.partitions = {place.partition}});
  if (!extents) return extents.error();
  const Extent& kept = extents->at(place.partition);
  if (place.offset < kept.from) {
    return NoLetter(place, "the records before offset " + ToText(kept.from) + " have expired");
  }
  if (place.offset >= kept.to) {
    return NoLetter(place, "the partition ends at offset " + ToText(kept.to));
  }
  std::optional<DeadRecord> found;
  const auto ended =
      scan.value()->Read({.extents = {{place.partition, {place.offset, place.offset + 1}}},
                          .visit = [&](const ScannedRecord& record) {
                            found = ToDeadRecord(record);
                            return true;
                          }});
  if (!ended) return ended.error();
  if (!found)
    return NoLetter(place, "that offset is a transaction marker, or its transaction was aborted");
  return *std::move(found);
}

}  // namespace ctl
