#include "ops/ctl/history/history_scope.h"

#include <algorithm>
#include <chrono>
#include <thread>
#include <utility>

#include "common/base/deadline.h"

namespace ctl {
namespace {

using common::Deadline;
using common::Result;
using std::chrono::hours;
using std::chrono::seconds;

/// The transactions of a killed instance time out after 10 s.
constexpr seconds kStableLimit{15};
constexpr seconds kGroupLimit{25};
constexpr hours kClockSlack{1};
constexpr std::int64_t kOffsetsAtOnce = 1'000'000;

Result<void> OpenLogs(const ClusterSettings& settings, HistoryScope& scope) {
  const common::TopicNames& topics = settings.topics;
  for (const auto& [log, name] :
       {std::pair(&scope.callbacks, &topics.callbacks), std::pair(&scope.seen, &topics.seen),
        std::pair(&scope.processes, &topics.processes), std::pair(&scope.dead, &topics.dead),
        std::pair(&scope.expected, &topics.expected)}) {
    log->name = *name;
    if (log == &scope.expected && !settings.expected) continue;
    auto scan = TopicScan::Open(settings, *name);
    if (!scan) return scan.error();
    log->scan = *std::move(scan);
  }
  return {};
}

Result<void> FindSettled(HistoryScope& scope) {
  for (HistoryLog* log : {&scope.seen, &scope.processes, &scope.dead}) {
    const Result<Extents> whole = log->scan->Find({});
    if (!whole) return whole.error();
    auto settled = log->scan->FindStableEnds(*whole);
    if (!settled) return settled.error();
    log->settled = *std::move(settled);
  }
  return {};
}

Result<void> FindCommitted(const ClusterSettings& settings, HistoryScope& scope) {
  const Result<Extents> sources = scope.callbacks.scan->Find({});
  if (!sources) return sources.error();
  std::vector<common::Partition> partitions;
  for (const auto& [partition, extent] : *sources) partitions.push_back(partition);
  const auto group = GroupReader::Open(settings);
  if (!group) return group.error();
  auto committed = group.value()->Committed(partitions, Deadline::After(kGroupLimit));
  if (!committed) {
    const auto why = committed.error();
    scope.are_offsets_stable = false;
    committed = group.value()->CommittedBefore(partitions, Deadline::After(kLookUpLimit));
    if (!committed) return why;
  }
  scope.committed = *std::move(committed);
  return {};
}

Result<void> FindEnds(HistoryLog& log, common::WallTime from) {
  Result<Extents> whole = log.scan->Find({});
  if (!whole) return whole.error();
  log.whole = *std::move(whole);
  Result<Extents> extents = log.scan->Find({.from = from});
  if (!extents) return extents.error();
  for (const auto& [partition, log_of] : log.whole) {
    const auto found = extents->find(partition);
    const common::Offset begin = found == extents->end() ? log_of.to : found->second.from;
    log.extents[partition] = {std::min(std::max(begin, log_of.from), log_of.to), log_of.to};
  }
  return {};
}

Result<void> AwaitStable(HistoryScope& scope, const std::stop_token& stop) {
  const Deadline deadline = Deadline::After(kStableLimit);
  while (true) {
    bool is_stable = true;
    for (HistoryLog* log : scope.Logs()) {
      auto stable = log->scan->FindStableEnds(log->whole);
      if (!stable) return stable.error();
      log->stable = *std::move(stable);
      for (const auto& [partition, extent] : log->whole) {
        is_stable = is_stable && log->stable.at(partition) >= extent.to;
      }
    }
    if (is_stable || deadline.HasPassed()) return {};
    if (stop.stop_requested()) return Interrupted();
    std::this_thread::sleep_for(kLookUpPause);
  }
}

}  // namespace

Extents HistoryLog::Stable(const Extents& some) const {
  Extents below;
  for (const auto& [partition, extent] : some) {
    below[partition] = {extent.from,
                        std::max(extent.from, std::min(extent.to, stable.at(partition)))};
  }
  return below;
}

std::vector<HistoryLog*> HistoryScope::Logs() {
  std::vector<HistoryLog*> logs{&callbacks, &seen, &processes, &dead, &expected};
  std::erase_if(logs, [](const HistoryLog* log) { return log->scan == nullptr; });
  return logs;
}

common::OffsetWitnessed HistoryScope::CommittedOn(common::Partition partition) const {
  common::OffsetWitnessed witnessed{.is_stable = are_offsets_stable};
  const auto found = committed.find(partition);
  if (found != committed.end()) witnessed.metadata = found->second.metadata;
  return witnessed;
}

std::vector<std::vector<common::Partition>> HistoryScope::Batches() const {
  std::map<common::Partition, std::int64_t> sizes;
  for (const HistoryLog* log : {&processes, &seen}) {
    for (const auto& [partition, extent] : log->extents) {
      sizes[partition] += extent.to - extent.from;
    }
  }
  std::vector<std::vector<common::Partition>> batches;
  std::int64_t size = 0;
  for (const auto& [partition, own] : sizes) {
    size += own;
    if (batches.empty() || size > kOffsetsAtOnce) {
      batches.emplace_back();
      size = own;
    }
    batches.back().push_back(partition);
  }
  return batches;
}

Result<HistoryScope> FindHistoryScope(const ClusterSettings& settings, common::WallTime from,
                                      const std::stop_token& stop) {
  HistoryScope scope;
  if (const auto opened = OpenLogs(settings, scope); !opened) return opened.error();
  if (const auto found = FindSettled(scope); !found) return found.error();
  if (const auto found = FindCommitted(settings, scope); !found) return found.error();
  for (HistoryLog* log : scope.Logs()) {
    if (const auto found = FindEnds(*log, from - kClockSlack); !found) return found.error();
  }
  if (const auto stable = AwaitStable(scope, stop); !stable) return stable.error();
  return scope;
}

}  // namespace ctl
