#include "ops/ctl/history/scope_findings.h"

#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include "common/base/number.h"
#include "ops/ctl/history/offset_fit.h"

namespace ctl {
namespace {

/// Nothing tells when such a transaction began, but its first record has a time.
constexpr std::chrono::minutes kLongest{2};

std::optional<common::TransactionName> NameOf(const common::OffsetMetadata& metadata) {
  const auto number = common::ParseNumber<std::uint64_t>(metadata.transaction);
  if (!number || metadata.instance.empty()) return std::nullopt;
  return common::TransactionName{metadata.instance, *number};
}

}  // namespace

std::vector<HistoryFinding> FindOffsetsThatDoNotFit(const HistoryScope& scope) {
  std::vector<HistoryFinding> findings;
  for (const auto& [partition, committed] : scope.committed) {
    const auto log = scope.callbacks.whole.find(partition);
    if (log == scope.callbacks.whole.end()) continue;
    OffsetFacts facts{.offset = committed.offset,
                      .metadata = committed.metadata,
                      .begin = log->second.from,
                      .end = log->second.to,
                      .partitions = scope.partitions()};
    for (const common::OffsetWitness& witness : WitnessesOf(committed.metadata)) {
      if (witness.offset < facts.begin || witness.offset >= facts.end) continue;
      const auto record = scope.callbacks.scan->PeekUncommitted(partition, witness.offset);
      if (record && record->offset == witness.offset) facts.times[witness.offset] = record->time;
    }
    for (std::string& misfit : FindMisfits(facts)) {
      findings.push_back({.anomaly = Anomaly::kInconsistentOffset,
                          .topic = scope.callbacks.name,
                          .partition = partition,
                          .offset = committed.offset,
                          .transaction = NameOf(committed.metadata),
                          .what = std::move(misfit)});
    }
  }
  return findings;
}

std::vector<HistoryFinding> FindNamelessHanging(const HistoryLog& log, common::WallTime now) {
  std::vector<HistoryFinding> findings;
  for (const auto& [partition, extent] : log.whole) {
    const common::Offset stable = log.stable.at(partition);
    if (stable >= extent.to) continue;
    const auto record = log.scan->PeekUncommitted(partition, stable);
    if (record && (!record->transaction.empty() || now - record->time <= kLongest)) continue;
    findings.push_back(
        {.anomaly = Anomaly::kHangingTransaction,
         .topic = log.name,
         .partition = partition,
         .offset = stable,
         .transaction = std::nullopt,
         .what =
             (record ? "open since " + common::FormatRfc3339(record->time)
                     : std::string("nobody leads the partition, or only control records follow")) +
             "; readers of committed records stop here: sluicectl transactions"});
  }
  return findings;
}

}  // namespace ctl
