#include "ops/ctl/audit_survey.h"

#include <algorithm>
#include <set>
#include <utility>

#include "common/domain/record_headers.h"
#include "consumer/state/callback_facts.h"
#include "ops/ctl/status_group.h"

namespace ctl {
namespace {

using common::Deadline;
using common::Identity;
using common::Result;
using common::WallTime;
using std::chrono::hours;
using std::chrono::seconds;

constexpr std::int64_t kCallbacksAtOnce = 1'000'000;
/// An instance that was killed in a transaction keeps its offsets unknown until that has timed out.
constexpr seconds kGroupLimit{60};
/// How far the clocks of brokers may be apart, with room to spare.
constexpr hours kClockSlack{1};
/// Markers carry the times of their callbacks and are written in the order in which fetches end, so
/// the first one that is left may be older than some that have gone.
constexpr hours kDisorder{24};

void Add(AuditJudgement& sum, const AuditJudgement& judgement) {
  sum.callbacks += judgement.callbacks;
  sum.disposed_of += judgement.disposed_of;
  sum.duplicates += judgement.duplicates;
  sum.handed_over += judgement.handed_over;
  sum.expired += judgement.expired;
  sum.missing += judgement.missing;
}

}  // namespace

AuditSurvey::AuditSurvey(const ClusterSettings& settings, AuditLedger::Range range, Output& output,
                         std::stop_token stop)
    : settings_(settings),
      range_(range),
      pace_{.progress = Progress(output, "audit"), .stop = std::move(stop)} {}

Result<std::unique_ptr<AuditSurvey>> AuditSurvey::Open(const ClusterSettings& settings,
                                                       AuditLedger::Range range, Output& output,
                                                       std::stop_token stop) {
  std::unique_ptr<AuditSurvey> survey(new AuditSurvey(settings, range, output, std::move(stop)));
  const common::TopicNames& topics = settings.topics;
  for (const auto& [source, topic] :
       {std::pair(&survey->callbacks_, &topics.callbacks), std::pair(&survey->seen_, &topics.seen),
        std::pair(&survey->processes_, &topics.processes),
        std::pair(&survey->dead_, &topics.dead)}) {
    auto opened = AuditSource::Open(settings, *topic);
    if (!opened) return opened.error();
    *source = *std::move(opened);
  }
  return survey;
}

Result<AuditSums> AuditSurvey::Run(const AuditVisit& visit) {
  const Result<void> audited = AuditAll(visit);
  pace_.progress.Clear();
  if (!audited) return audited.error();
  return std::move(sums_);
}

Result<void> AuditSurvey::AuditAll(const AuditVisit& visit) {
  if (const auto prepared = Prepare(); !prepared) return prepared.error();
  if (const auto read = ReadDeadLetters(); !read) return read.error();
  for (const Partitions& partitions : Batches()) {
    if (const auto audited = Audit(partitions, visit); !audited) return audited.error();
  }
  return {};
}

Result<void> AuditSurvey::Prepare() {
  Result<Extents> in_range = callbacks_->Find({.from = range_.from, .to = range_.to});
  if (!in_range) return in_range.error();
  in_range_ = *std::move(in_range);
  Partitions partitions;
  for (const auto& [partition, extent] : in_range_) partitions.push_back(partition);
  const auto group = GroupReader::Open(settings_);
  if (!group) return group.error();
  const auto committed = group.value()->Committed(partitions, Deadline::After(kGroupLimit));
  if (!committed) return committed.error();
  if (committed->empty()) {
    sums_.notes.push_back("the group " + settings_.group +
                          " has no committed offset: if that is not its name, see --config");
  }

  const auto retention = RetentionOf(settings_, settings_.topics.seen);
  if (!retention) return retention.error();
  if (*retention) markers_kept_since_ = common::WallNow() - **retention + kClockSlack;

  // Everything after the committed offsets.
  const auto learn = [&](AuditSource& source, seconds before) -> Result<void> {
    const auto learned = source.Learn(range_.from - before);
    if (!learned) return learned.error();
    pace_.total += SizeOf(source.extents());
    return {};
  };
  const seconds window = settings_.providers.LargestWindow() + kClockSlack;
  if (const auto learned = callbacks_->Learn(range_.from); !learned) return learned.error();
  if (const auto learned = learn(*seen_, window + kClockSlack); !learned) return learned.error();
  if (const auto learned = learn(*processes_, kClockSlack); !learned) return learned.error();
  if (const auto learned = learn(*dead_, kClockSlack); !learned) return learned.error();

  for (const auto& [partition, extent] : callbacks_->extents()) {
    const auto offset = committed->find(partition);
    const Offset reached =
        offset == committed->end() ? extent.from : std::min(offset->second, extent.to);
    disposed_of_[partition] = {extent.from, std::max(extent.from, reached)};
    const Extent& ranged = in_range_.at(partition);
    sums_.waiting += std::max<Offset>(0, ranged.to - std::max(ranged.from, reached));
  }
  pace_.total += SizeOf(disposed_of_);
  return {};
}

Result<void> AuditSurvey::Audit(const Partitions& partitions, const AuditVisit& visit) {
  Ledgers ledgers;
  for (const std::int32_t partition : partitions) {
    const Extent& ranged = in_range_.at(partition);
    const Offset end = std::min(ranged.to, disposed_of_.at(partition).to);
    const auto size = static_cast<std::size_t>(std::max<Offset>(0, end - ranged.from));
    ledgers.emplace(partition, AuditLedger(range_, size));
  }
  if (const auto read = ReadCallbacks(partitions, ledgers); !read) return read.error();
  if (const auto read = ReadMarkers(partitions, ledgers); !read) return read.error();
  if (const auto read = ReadOutcomes(partitions, ledgers); !read) return read.error();
  Findings findings = Judge(ledgers);
  if (const auto left_out = LeaveOutWhatIsUnderWay(ledgers, findings); !left_out)
    return left_out.error();
  return Visit(findings, visit);
}

// Nobody but retention deletes markers, so those that it cannot have reached are all there, even
// where a quiet partition has none left.
WallTime AuditSurvey::MarkersCompleteSince(std::int32_t partition) const {
  const WallTime first = seen_->CompleteSince(partition);
  if (first == WallTime::min()) return first;
  return std::min(std::min(first, WallTime::max() - kDisorder) + kDisorder, markers_kept_since_);
}

AuditSurvey::Findings AuditSurvey::Judge(Ledgers& ledgers) {
  Findings findings;
  for (auto& [partition, ledger] : ledgers) {
    const Extent& read = disposed_of_.at(partition);
    const bool is_unread =
        read.from == read.to && read.from < callbacks_->extents().at(partition).to;
    const AuditHorizon horizon{
        .callbacks = is_unread ? WallTime::min() : callbacks_->CompleteSince(partition),
        .markers = MarkersCompleteSince(partition),
        .results = processes_->CompleteSince(partition),
        .letters = letters_complete_since_};
    AuditJudgement judgement = ledger.Judge(horizon);
    Add(sums_.judged, judgement);
    if (!judgement.findings.empty()) findings[partition] = std::move(judgement.findings);
    if (horizon.callbacks > range_.from) {
      sums_.notes.push_back(
          "callbacks of partition " + std::to_string(partition) +
          (horizon.callbacks == WallTime::max()
               ? " have all expired"
               : " before " + common::FormatRfc3339(horizon.callbacks) + " have expired"));
    }
  }
  return findings;
}

/// A callback without a marker stands on the topic again if its identity does; one without a result
/// if a record says so in `redrive`.
Result<void> AuditSurvey::LeaveOutWhatIsUnderWay(const Ledgers& ledgers, Findings& findings) {
  std::map<std::int32_t, std::set<Identity>> identities;
  std::map<std::int32_t, std::set<Offset>> offsets;
  Partitions partitions;
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
  if (partitions.empty()) return {};
  Result<Extents> rest = callbacks_->Find({.partitions = partitions});
  if (!rest) return rest.error();
  for (auto& [partition, extent] : *rest) {
    extent.from = std::max(extent.from, disposed_of_.at(partition).to);
  }
  pace_.total += SizeOf(*rest);

  std::map<std::int32_t, std::set<Identity>> identities_again;
  std::map<std::int32_t, std::set<Offset>> offsets_again;
  const auto read = callbacks_->Read(*rest, pace_, [&](const ScannedRecord& record) {
    const common::RecordHeaders headers = record.headers();
    const std::int32_t partition = record.partition();
    const auto stands_for = PredecessorOf(record, headers, settings_.topics.callbacks);
    if (stands_for && offsets[partition].contains(*stands_for)) {
      offsets_again[partition].insert(*stands_for);
    }
    if (identities[partition].empty()) return;
    const Identity identity =
        consumer::ReadCallback(record.value(), headers, settings_.providers).identity;
    if (identities[partition].contains(identity)) identities_again[partition].insert(identity);
  });
  if (!read) return read.error();
  for (const std::int32_t partition : partitions) {
    sums_.under_way += std::erase_if(findings[partition], [&](const AuditFinding& finding) {
      if (finding.fault == AuditFault::kNoResult) {
        return offsets_again[partition].contains(finding.offset);
      }
      return finding.fault == AuditFault::kNoMarker &&
             identities_again[partition].contains(ledgers.at(partition).IdentityOf(finding.offset));
    });
  }
  return {};
}

Result<void> AuditSurvey::Visit(const Findings& findings, const AuditVisit& visit) {
  Extents extents;
  std::map<std::int32_t, std::vector<AuditFinding>::const_iterator> next;
  for (const auto& [partition, found] : findings) {
    if (found.empty()) continue;
    extents[partition] = {found.front().offset, found.back().offset + 1};
    next[partition] = found.begin();
  }
  if (extents.empty()) return {};
  pace_.total += SizeOf(extents);
  std::size_t visited = 0;
  std::size_t wanted = 0;
  for (const auto& [partition, found] : findings) wanted += found.size();
  const auto read = callbacks_->Read(extents, pace_, [&](const ScannedRecord& record) {
    const auto end = findings.at(record.partition()).end();
    auto& finding = next.at(record.partition());
    for (; finding != end && finding->offset <= record.offset(); ++finding) {
      if (finding->offset != record.offset()) continue;
      pace_.progress.Clear();
      visit(*finding, record);
      ++visited;
    }
  });
  if (!read) return read.error();
  if (visited < wanted) {
    sums_.notes.push_back(std::to_string(wanted - visited) +
                          " of the callbacks with findings have expired meanwhile");
  }
  return {};
}

std::vector<AuditSurvey::Partitions> AuditSurvey::Batches() const {
  std::vector<Partitions> batches;
  std::int64_t size = 0;
  for (const auto& [partition, extent] : disposed_of_) {
    size += extent.to - extent.from;
    if (batches.empty() || size > kCallbacksAtOnce) {
      batches.emplace_back();
      size = extent.to - extent.from;
    }
    batches.back().push_back(partition);
  }
  return batches;
}

}  // namespace ctl
