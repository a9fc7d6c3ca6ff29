#include "ops/ctl/audit/audit_source.h"

#include <chrono>
#include <utility>

#include "ops/ctl/kafka/cluster.h"
#include "ops/ctl/records/named_callback.h"

namespace ctl {

using common::Error;
using common::Remedy;
using common::Result;
using common::WallTime;
using std::chrono::milliseconds;

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
  const auto ended = scan_->Read(
      {.extents = extents,
       .visit =
           [&](const ScannedRecord& record) {
             first_.try_emplace(record.partition(), record.time());
             const auto cut = cut_.find(record.partition());
             if (cut != cut_.end() && !cut->second) {
               cut->second = record.time();
             }
             visit(record);
             return true;
           },
       .expired = [&](common::Partition partition, Extent /*passed*/) { cut_[partition].reset(); },
       .progress =
           [&](std::int64_t done, std::int64_t /*total*/) {
             pace.progress.Show(pace.done + done, pace.total);
           },
       .stop = pace.stop});
  if (!ended) return ended.error();
  if (*ended != TopicScan::Ended::kAtEnd) {
    return Interrupted("interrupted while reading " + topic_);
  }
  pace.done += SizeOf(extents);
  return {};
}

WallTime AuditSource::CompleteSince(common::Partition partition) const {
  if (const auto cut = cut_.find(partition); cut != cut_.end()) {
    return cut->second.value_or(WallTime::max());
  }
  const common::Offset start = log_start(partition);
  if (start == common::Offset() || extents_.at(partition).from > start) return WallTime::min();
  const auto first = first_.find(partition);
  return first == first_.end() ? WallTime::max() : first->second;
}

std::optional<common::Offset> PredecessorOf(const ScannedRecord& record,
                                            const common::RecordHeaders& headers,
                                            const std::string& topic) {
  const auto name = common::LastHeader(headers, common::header::kRedrive);
  if (!name) return std::nullopt;
  const auto position = ReadRedriveName(*name, topic);
  if (!position || position->partition != record.partition()) return std::nullopt;
  return position->offset;
}

Result<WallTime> KeptSince(const ClusterSettings& settings, const std::string& topic) {
  const auto cluster = Cluster::Open(settings);
  if (!cluster) return cluster.error();
  const auto retention = cluster.value()->TimeRetention(topic);
  if (!retention) return retention.error();
  if (!*retention) return WallTime::max();
  const WallTime now = common::WallNow();
  if (**retention < milliseconds(0) || **retention > now.time_since_epoch()) return WallTime::min();
  // An hour of slack for the brokers' clocks.
  return now - **retention + std::chrono::hours(1);
}

Extents Only(const Extents& extents, const std::vector<common::Partition>& partitions) {
  Extents only;
  for (const common::Partition partition : partitions) only[partition] = extents.at(partition);
  return only;
}

}  // namespace ctl
