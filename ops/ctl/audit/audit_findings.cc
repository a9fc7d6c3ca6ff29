#include "ops/ctl/audit/audit_findings.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "common/domain/record_headers.h"
#include "ops/ctl/records/callback_identity.h"

namespace ctl {

using common::Identity;
using common::Result;

Result<std::size_t> RemoveInProgress(const ClusterSettings& settings, const Extents& disposed_of,
                                     const AuditLedgers& ledgers, AuditSource& callbacks,
                                     AuditPace& pace, AuditFindings& findings) {
  std::map<common::Partition, std::set<Identity>> identities;
  std::map<common::Partition, std::set<Offset>> offsets;
  std::vector<common::Partition> partitions;
  for (const auto& [partition, found] : findings) {
    for (const AuditFinding& finding : found) {
      if (finding.fault == AuditFault::kNoMarker) {
        identities[partition].insert(ledgers.at(partition).IdentityOf(finding.offset));
      }
      if (finding.fault == AuditFault::kNoResult) offsets[partition].insert(finding.offset);
    }
    if (identities.contains(partition) || offsets.contains(partition)) {
      partitions.push_back(partition);
    }
  }
  if (partitions.empty()) return std::size_t{0};
  Result<Extents> rest = callbacks.Find({.partitions = partitions});
  if (!rest) return rest.error();
  for (auto& [partition, extent] : *rest) {
    extent.from = std::max(extent.from, disposed_of.at(partition).to);
  }
  pace.total += SizeOf(*rest);

  std::map<common::Partition, std::set<Identity>> identities_again;
  std::map<common::Partition, std::set<Offset>> offsets_again;
  const auto read = callbacks.Read(*rest, pace, [&](const ScannedRecord& record) {
    const common::RecordHeaders headers = record.headers();
    const common::Partition partition = record.partition();
    const auto stands_for = PredecessorOf(record, headers, settings.topics.callbacks);
    const bool may_stand_for = stands_for && offsets[partition].contains(*stands_for);
    if (identities[partition].empty() && !may_stand_for) return;
    const CallbackIdentity is = IdentifyCallback(record.value(), headers, settings.providers);
    if (may_stand_for && ledgers.at(partition).IsPutBack(*stands_for, is)) {
      offsets_again[partition].insert(*stands_for);
    }
    if (identities[partition].contains(is.identity)) {
      identities_again[partition].insert(is.identity);
    }
  });
  if (!read) return read.error();
  std::size_t removed = 0;
  for (const common::Partition partition : partitions) {
    removed += std::erase_if(findings[partition], [&](const AuditFinding& finding) {
      if (finding.fault == AuditFault::kNoResult) {
        return offsets_again[partition].contains(finding.offset);
      }
      return finding.fault == AuditFault::kNoMarker &&
             identities_again[partition].contains(ledgers.at(partition).IdentityOf(finding.offset));
    });
  }
  return removed;
}

Result<std::size_t> VisitFindings(const AuditFindings& findings, AuditSource& callbacks,
                                  AuditPace& pace, const AuditVisit& visit) {
  Extents extents;
  std::map<common::Partition, std::vector<AuditFinding>::const_iterator> next;
  for (const auto& [partition, found] : findings) {
    if (found.empty()) continue;
    extents[partition] = {found.front().offset, found.back().offset + 1};
    next[partition] = found.begin();
  }
  if (extents.empty()) return std::size_t{0};
  pace.total += SizeOf(extents);
  std::size_t visited = 0;
  std::size_t wanted = 0;
  for (const auto& [partition, found] : findings) wanted += found.size();
  const auto read = callbacks.Read(extents, pace, [&](const ScannedRecord& record) {
    const auto end = findings.at(record.partition()).end();
    auto& finding = next.at(record.partition());
    for (; finding != end && finding->offset <= record.offset(); ++finding) {
      if (finding->offset != record.offset()) continue;
      pace.progress.Clear();
      visit(*finding, record);
      ++visited;
    }
  });
  if (!read) return read.error();
  return wanted - visited;
}

}  // namespace ctl
