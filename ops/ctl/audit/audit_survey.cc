#include "ops/ctl/audit/audit_survey.h"

#include <algorithm>
#include <utility>

#include "ops/ctl/kafka/group_reader.h"

namespace ctl {
namespace {

using common::Deadline;
using common::Result;
using common::WallTime;
using std::chrono::hours;
using std::chrono::seconds;

constexpr std::int64_t kCallbacksAtOnce = 1'000'000;
/// The transaction of a killed instance hides its offsets until it times out.
constexpr seconds kGroupLimit{25};
constexpr seconds kLookUpLimit{10};
/// Generous bound on the difference of the brokers' clocks.
constexpr hours kClockSlack{1};
/// Markers carry the times of their callbacks and are written in the order in which fetches end. So
/// the first remaining one may be older than some deleted ones.
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
  if (callbacks_complete_since_ > range_.from) {
    sums_.notes.push_back("callbacks before " +
                          (callbacks_complete_since_ == WallTime::max()
                               ? "now"
                               : common::FormatRfc3339(callbacks_complete_since_)) +
                          " may have expired");
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
  auto committed = group.value()->Committed(partitions, Deadline::After(kGroupLimit));
  if (!committed) {
    // Callbacks below the offset committed before an open transaction are disposed of all the same.
    const auto why = committed.error();
    committed = group.value()->CommittedBefore(partitions, Deadline::After(kLookUpLimit));
    if (!committed) return why;
    sums_.notes.push_back(
        "an open transaction holds back the group's offsets, so its callbacks count as "
        "waiting: `sluicectl status` names it");
  }
  if (committed->empty()) {
    sums_.notes.push_back("the group " + settings_.group +
                          " has no committed offset: check its name in --config");
  }

  const auto callbacks_kept = KeptSince(settings_, settings_.topics.callbacks);
  if (!callbacks_kept) return callbacks_kept.error();
  callbacks_kept_since_ = *callbacks_kept;
  const auto markers_kept = KeptSince(settings_, settings_.topics.seen);
  if (!markers_kept) return markers_kept.error();
  markers_kept_since_ = *markers_kept;

  // Look everything up after the committed offsets.
  const auto learn = [&](AuditSource& source, seconds before) -> Result<void> {
    const auto learned = source.Learn(range_.from - before);
    if (!learned) return learned.error();
    pace_.total += SizeOf(source.extents());
    return {};
  };
  const seconds window = settings_.providers.DedupReach() + kClockSlack;
  if (const auto learned = callbacks_->Learn(range_.from); !learned) return learned.error();
  if (const auto learned = learn(*seen_, window + kClockSlack); !learned) return learned.error();
  if (const auto learned = learn(*processes_, kClockSlack); !learned) return learned.error();
  if (const auto learned = learn(*dead_, kClockSlack); !learned) return learned.error();

  for (const auto& [partition, extent] : callbacks_->extents()) {
    const auto offset = committed->find(partition);
    const Offset reached =
        offset == committed->end() ? extent.from : std::min(offset->second.offset, extent.to);
    if (offset != committed->end()) CompareWithLog(partition, offset->second.offset, extent.to);
    disposed_of_[partition] = {extent.from, std::max(extent.from, reached)};
    const Extent& ranged = in_range_.at(partition);
    sums_.waiting += std::max<Offset>(0, ranged.to - std::max(ranged.from, reached));
  }
  pace_.total += SizeOf(disposed_of_);
  return {};
}

// The ends were looked up after the committed offsets, so an intact log ends at or above them.
void AuditSurvey::CompareWithLog(std::int32_t partition, Offset committed, Offset end) {
  const auto note = [&](const std::string& what) {
    sums_.notes.push_back("partition " + std::to_string(partition) + ": the group's offset is " +
                          std::to_string(committed) + ", " + what);
  };
  if (committed > end) {
    went_back_.insert(partition);
    note("and the log ends at " + std::to_string(end) +
         ": the offset belongs to another log, so the whole log is judged");
  }
  const Offset start = callbacks_->log_start(partition);
  if (committed >= start) return;
  expired_unread_.insert(partition);
  note("and the log begins at " + std::to_string(start) + ": " + std::to_string(start - committed) +
       " offsets have expired before the group read them");
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
  if (const auto left_out = RemoveInProgress(ledgers, findings); !left_out) return left_out.error();
  return Visit(findings, visit);
}

// A truncated log is complete since its first record. In a quiet partition that is later than
// necessary: only retention deletes callbacks and markers, so every record too young for it is
// there. Results and letters may be deleted by others, too.
AuditHorizon AuditSurvey::HorizonOf(std::int32_t partition) const {
  const WallTime markers = seen_->CompleteSince(partition);
  AuditHorizon horizon{.callbacks = callbacks_->CompleteSince(partition),
                       .markers = markers,
                       .results = processes_->CompleteSince(partition),
                       .letters = letters_complete_since_};
  if (markers != WallTime::min()) {
    horizon.markers = std::min(markers, WallTime::max() - kDisorder) + kDisorder;
  }
  horizon.callbacks = std::min(horizon.callbacks, callbacks_kept_since_);
  horizon.markers = std::min(horizon.markers, markers_kept_since_);
  return horizon;
}

AuditSurvey::Findings AuditSurvey::Judge(Ledgers& ledgers) {
  Findings findings;
  for (auto& [partition, ledger] : ledgers) {
    const AuditHorizon horizon = HorizonOf(partition);
    AuditJudgement judgement = ledger.Judge(horizon);
    Add(sums_.judged, judgement);
    for (AuditFinding& finding : judgement.findings) {
      finding.stands_again = finding.stands_again && went_back_.contains(partition);
    }
    if (!judgement.findings.empty()) findings[partition] = std::move(judgement.findings);
    callbacks_complete_since_ = std::max(callbacks_complete_since_, horizon.callbacks);
    // Expired callbacks are older than the remaining ones.
    if (expired_unread_.contains(partition) && callbacks_->CompleteSince(partition) > range_.from) {
      sums_.has_lost_unread = true;
    }
  }
  return findings;
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
