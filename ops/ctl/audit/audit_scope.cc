#include "ops/ctl/audit/audit_scope.h"

#include <algorithm>
#include <chrono>

#include "common/base/deadline.h"
#include "ops/ctl/kafka/group_reader.h"

namespace ctl {
namespace {

using common::Deadline;
using common::Result;
using std::chrono::hours;
using std::chrono::seconds;

/// The transaction of a killed instance hides its offsets until it times out.
constexpr seconds kGroupLimit{25};
constexpr seconds kLookUpLimit{10};
/// Generous bound on the difference of the brokers' clocks.
constexpr hours kClockSlack{1};

Result<CommittedOffsets> FindCommitted(const ClusterSettings& settings, AuditScope& scope) {
  std::vector<common::Partition> partitions;
  for (const auto& [partition, extent] : scope.in_range) partitions.push_back(partition);
  const auto group = GroupReader::Open(settings);
  if (!group) return group.error();
  auto committed = group.value()->Committed(partitions, Deadline::After(kGroupLimit));
  if (!committed) {
    // Callbacks below the offset committed before an open transaction are disposed of all the same.
    const auto why = committed.error();
    committed = group.value()->CommittedBefore(partitions, Deadline::After(kLookUpLimit));
    if (!committed) return why;
    scope.notes.emplace_back(
        "an open transaction holds back the group's offsets, so its callbacks count as "
        "waiting: `sluicectl status` names it");
  }
  if (committed->empty()) {
    scope.notes.push_back("the group " + settings.group +
                          " has no committed offset: check its name in --config");
  }
  return committed;
}

Result<void> FindRetention(const ClusterSettings& settings, AuditScope& scope) {
  const auto callbacks = KeptSince(settings, settings.topics.callbacks);
  if (!callbacks) return callbacks.error();
  scope.callbacks_kept_since = *callbacks;
  const auto markers = KeptSince(settings, settings.topics.seen);
  if (!markers) return markers.error();
  scope.markers_kept_since = *markers;
  return {};
}

Result<void> FindExtents(const ClusterSettings& settings, common::WallTime from,
                         AuditTopics& topics) {
  const seconds window = settings.providers.DedupReach() + kClockSlack;
  if (const auto found = topics.callbacks->Learn(from); !found) return found.error();
  if (const auto found = topics.seen->Learn(from - window - kClockSlack); !found)
    return found.error();
  if (const auto found = topics.processes->Learn(from - kClockSlack); !found) return found.error();
  return topics.dead->Learn(from - kClockSlack);
}

// The ends were looked up after the committed offsets, so an intact log ends at or above them.
void CompareWithLog(common::Partition partition, Offset committed, const Extent& log,
                    AuditScope& scope) {
  const auto note = [&](const std::string& what) {
    scope.notes.push_back("partition " + ToText(partition) + ": the group's offset is " +
                          ToText(committed) + ", " + what);
  };
  if (committed > log.to) {
    scope.went_back.insert(partition);
    note("and the log ends at " + ToText(log.to) +
         ": the offset belongs to another log, so the whole log is judged");
  }
  if (committed >= log.from) return;
  scope.expired_unread.insert(partition);
  note("and the log begins at " + ToText(log.from) + ": " + std::to_string(log.from - committed) +
       " offsets have expired before the group read them");
}

}  // namespace

Result<AuditScope> FindAuditScope(const ClusterSettings& settings, const AuditLedger::Range& range,
                                  AuditTopics& topics) {
  AuditScope scope;
  Result<Extents> in_range = topics.callbacks->Find({.from = range.from, .to = range.to});
  if (!in_range) return in_range.error();
  scope.in_range = *std::move(in_range);
  const Result<CommittedOffsets> committed = FindCommitted(settings, scope);
  if (!committed) return committed.error();
  if (const auto found = FindRetention(settings, scope); !found) return found.error();
  if (const auto found = FindExtents(settings, range.from, topics); !found) return found.error();

  for (const auto& [partition, extent] : topics.callbacks->extents()) {
    const auto entry = committed->find(partition);
    Offset reached = extent.from;
    if (entry != committed->end()) {
      const Offset offset = entry->second.offset;
      reached = std::min(offset, extent.to);
      const Extent log{topics.callbacks->log_start(partition), extent.to};
      CompareWithLog(partition, offset, log, scope);
    }
    scope.disposed_of[partition] = {extent.from, std::max(extent.from, reached)};
    const Extent& ranged = scope.in_range.at(partition);
    scope.waiting += std::max<std::int64_t>(0, ranged.to - std::max(ranged.from, reached));
  }
  return scope;
}

}  // namespace ctl
