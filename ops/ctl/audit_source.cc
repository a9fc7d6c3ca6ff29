#include "ops/ctl/audit_source.h"

#include <utility>

namespace ctl {

using common::Error;
using common::Remedy;
using common::Result;
using common::WallTime;

Result<std::unique_ptr<AuditSource>> AuditSource::Open(const ClusterSettings& settings,
                                                       std::string topic) {
  auto scan = TopicScan::Open(settings, topic);
  if (!scan) return scan.error();
  return std::unique_ptr<AuditSource>(new AuditSource(std::move(topic), *std::move(scan)));
}

Result<void> AuditSource::Learn(WallTime from) {
  Result<Extents> whole = scan_->Find({});
  if (!whole) return whole.error();
  Result<Extents> extents = scan_->Find({.from = from});
  if (!extents) return extents.error();
  whole_ = *std::move(whole);
  extents_ = *std::move(extents);
  return {};
}

Result<void> AuditSource::Read(const Extents& extents, AuditPace& pace, const Visit& visit) {
  const auto ended = scan_->Read({.extents = extents,
                                  .visit =
                                      [&](const ScannedRecord& record) {
                                        first_.try_emplace(record.partition(), record.time());
                                        visit(record);
                                        return true;
                                      },
                                  .progress =
                                      [&](std::int64_t done, std::int64_t /*total*/) {
                                        pace.progress.Show(pace.done + done, pace.total);
                                      },
                                  .stop = pace.stop});
  if (!ended) return ended.error();
  if (*ended != TopicScan::Ended::kAtEnd) {
    return Error{Remedy::kRetry, "interrupted", "interrupted while reading " + topic_};
  }
  pace.done += SizeOf(extents);
  return {};
}

WallTime AuditSource::CompleteSince(std::int32_t partition) const {
  const std::int64_t start = log_start(partition);
  if (start == 0 || extents_.at(partition).from > start) return WallTime::min();
  const auto first = first_.find(partition);
  return first == first_.end() ? WallTime::max() : first->second;
}

Extents Only(const Extents& extents, const std::vector<std::int32_t>& partitions) {
  Extents only;
  for (const std::int32_t partition : partitions) only[partition] = extents.at(partition);
  return only;
}

}  // namespace ctl
