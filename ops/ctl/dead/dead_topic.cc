#include "ops/ctl/dead/dead_topic.h"

namespace ctl {

using common::Result;

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
  Result<Extents> extents = scan.value()->Find({.from = filter.from, .to = filter.to});
  if (!extents) return extents.error();
  return scan.value()->Read(
      {.extents = *std::move(extents),
       .visit =
           [&](const ScannedRecord& scanned) {
             const DeadRecord record = ToDeadRecord(scanned);
             const DeadSummary summary = Summarise(record);
             return !Matches(filter, summary, settings.providers) || visit(record, summary);
           },
       .progress = [&](std::int64_t done, std::int64_t total) { progress.Show(done, total); },
       .stop = stop});
}

}  // namespace ctl
