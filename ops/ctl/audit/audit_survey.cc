#include "ops/ctl/audit/audit_survey.h"

#include <algorithm>
#include <utility>

namespace ctl {
namespace {

using common::Result;
using common::WallTime;
using std::chrono::hours;

constexpr std::int64_t kCallbacksAtOnce = 1'000'000;
/// Markers carry the times of their callbacks and are written in the order in which fetches end. So
/// the first remaining one may be older than some deleted ones.
constexpr hours kDisorder{24};

void Add(AuditJudgement& sum, const AuditJudgement& judgement) {
  sum.callbacks += judgement.callbacks;
  sum.disposed_of += judgement.disposed_of;
  sum.duplicates += judgement.duplicates;
  sum.ignored += judgement.ignored;
  sum.handed_over += judgement.handed_over;
  sum.expired += judgement.expired;
  sum.missing += judgement.missing;
}

}  // namespace

AuditSurvey::AuditSurvey(const ClusterSettings& settings, AuditLedger::Range range,
                         AuditTopics topics, Output& output, std::stop_token stop)
    : settings_(settings),
      range_(range),
      topics_(std::move(topics)),
      pace_{.progress = Progress(output, "audit"), .stop = std::move(stop)},
      reader_(settings_, range_, topics_, pace_) {}

Result<std::unique_ptr<AuditSurvey>> AuditSurvey::Open(const ClusterSettings& settings,
                                                       AuditLedger::Range range, Output& output,
                                                       std::stop_token stop) {
  Result<AuditTopics> topics = OpenAuditTopics(settings);
  if (!topics) return topics.error();
  return std::unique_ptr<AuditSurvey>(
      new AuditSurvey(settings, range, *std::move(topics), output, std::move(stop)));
}

Result<AuditSums> AuditSurvey::Run(const AuditVisit& visit) {
  const Result<void> audited = AuditAll(visit);
  pace_.progress.Clear();
  if (!audited) return audited.error();
  return std::move(sums_);
}

Result<void> AuditSurvey::AuditAll(const AuditVisit& visit) {
  Result<AuditScope> scope = FindAuditScope(settings_, range_, topics_);
  if (!scope) return scope.error();
  scope_ = *std::move(scope);
  sums_.waiting = scope_.waiting;
  sums_.notes = scope_.notes;
  pace_.total = SizeOf(topics_.seen->extents()) + SizeOf(topics_.processes->extents()) +
                SizeOf(topics_.dead->extents()) + SizeOf(scope_.disposed_of);
  Result<AuditDeadLetters> letters = reader_.ReadDeadLetters();
  if (!letters) return letters.error();
  letters_ = *std::move(letters);
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

AuditLedgers AuditSurvey::LedgersOf(const Partitions& partitions) const {
  AuditLedgers ledgers;
  for (const common::Partition partition : partitions) {
    const Extent& ranged = scope_.in_range.at(partition);
    const Offset end = std::min(ranged.to, scope_.disposed_of.at(partition).to);
    const auto size = static_cast<std::size_t>(std::max<std::int64_t>(0, end - ranged.from));
    ledgers.emplace(partition, AuditLedger(range_, size));
  }
  return ledgers;
}

Result<void> AuditSurvey::Audit(const Partitions& partitions, const AuditVisit& visit) {
  AuditLedgers ledgers = LedgersOf(partitions);
  if (const auto read = reader_.ReadCallbacks(scope_.disposed_of, letters_, ledgers); !read)
    return read.error();
  const Result<AuditResults> results = reader_.ReadResults(ledgers);
  if (!results) return results.error();
  sums_.nameless_results += results->nameless;
  sums_.reconciled += results->reconciled;
  if (const auto read = reader_.ReadMarkers(ledgers); !read) return read.error();
  for (auto& [partition, ledger] : ledgers) {
    for (const auto& letter : letters_.by_partition[partition]) ledger.AddOutcome(letter);
  }

  AuditFindings findings = Judge(ledgers);
  AuditSource& callbacks = *topics_.callbacks;
  const Result<std::size_t> in_progress =
      RemoveInProgress(settings_, scope_.disposed_of, ledgers, callbacks, pace_, findings);
  if (!in_progress) return in_progress.error();
  sums_.under_way += *in_progress;
  const Result<std::size_t> expired = VisitFindings(findings, callbacks, pace_, visit);
  if (!expired) return expired.error();
  if (*expired > 0) {
    sums_.notes.push_back(std::to_string(*expired) +
                          " of the callbacks with findings have expired meanwhile");
  }
  return {};
}

// A truncated log is complete since its first record. In a quiet partition that is later than
// necessary: only retention deletes callbacks and markers, so every record too young for it is
// there. Results and letters may be deleted by others, too.
AuditHorizon AuditSurvey::HorizonOf(common::Partition partition) const {
  const WallTime markers = topics_.seen->CompleteSince(partition);
  AuditHorizon horizon{.callbacks = topics_.callbacks->CompleteSince(partition),
                       .markers = markers,
                       .results = topics_.processes->CompleteSince(partition),
                       .letters = letters_.complete_since};
  if (markers != WallTime::min()) {
    horizon.markers = std::min(markers, WallTime::max() - kDisorder) + kDisorder;
  }
  horizon.callbacks = std::min(horizon.callbacks, scope_.callbacks_kept_since);
  horizon.markers = std::min(horizon.markers, scope_.markers_kept_since);
  return horizon;
}

AuditFindings AuditSurvey::Judge(AuditLedgers& ledgers) {
  AuditFindings findings;
  for (auto& [partition, ledger] : ledgers) {
    const AuditHorizon horizon = HorizonOf(partition);
    AuditJudgement judgement = ledger.Judge(horizon);
    Add(sums_.judged, judgement);
    for (AuditFinding& finding : judgement.findings) {
      finding.stands_again = finding.stands_again && scope_.went_back.contains(partition);
    }
    if (!judgement.findings.empty()) findings[partition] = std::move(judgement.findings);
    callbacks_complete_since_ = std::max(callbacks_complete_since_, horizon.callbacks);
    // Expired callbacks are older than the remaining ones.
    if (scope_.expired_unread.contains(partition) &&
        topics_.callbacks->CompleteSince(partition) > range_.from) {
      sums_.has_lost_unread = true;
    }
  }
  return findings;
}

std::vector<AuditSurvey::Partitions> AuditSurvey::Batches() const {
  std::vector<Partitions> batches;
  std::int64_t size = 0;
  for (const auto& [partition, extent] : scope_.disposed_of) {
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
