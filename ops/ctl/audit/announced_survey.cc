#include "ops/ctl/audit/announced_survey.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>
#include <variant>

#include "common/callback/callback_facts.h"
#include "common/domain/copied_record.h"
#include "common/domain/key_partition.h"
#include "common/domain/process_status.h"
#include "common/json/expected_process.h"
#include "ops/ctl/records/named_callback.h"

namespace ctl {
namespace {

using common::Result;
using common::WallTime;
using std::chrono::hours;
using std::chrono::milliseconds;
using Sign = AnnouncedLedger::Sign;

constexpr std::int64_t kAnnouncementsAtOnce = 1'000'000;
/// A callback of the hour before its announcement counts, and the brokers' clocks differ.
constexpr hours kBefore{2};

std::vector<common::Partition> PartitionsIn(
    const std::map<common::Partition, AnnouncedLedger>& ledgers) {
  std::vector<common::Partition> partitions;
  partitions.reserve(ledgers.size());
  for (const auto& [partition, ledger] : ledgers) partitions.push_back(partition);
  return partitions;
}

/// Its callbacks may be in another partition: some were added since, or its writer has chosen it
/// otherwise than ingest does.
bool IsMoved(const ScannedRecord& record, std::size_t partitions) {
  return record.Header(std::string(common::kCopiedFromHeader)).has_value() ||
         common::PartitionOf(record.key(), static_cast<int>(partitions)) != record.partition();
}

void Add(AnnouncedJudgement& sum, const AnnouncedJudgement& judgement) {
  sum.announced += judgement.announced;
  sum.came += judgement.came;
  sum.reconciled += judgement.reconciled;
  sum.forgotten += judgement.forgotten;
  sum.waiting += judgement.waiting;
  sum.expired += judgement.expired;
}

}  // namespace

AnnouncedSurvey::AnnouncedSurvey(const ClusterSettings& settings, AuditLedger::Range range,
                                 Output& output, std::stop_token stop)
    : settings_(settings),
      range_(range),
      pace_{.progress = Progress(output, "audit"), .stop = std::move(stop)} {}

Result<std::unique_ptr<AnnouncedSurvey>> AnnouncedSurvey::Open(const ClusterSettings& settings,
                                                               AuditLedger::Range range,
                                                               Output& output,
                                                               std::stop_token stop) {
  std::unique_ptr<AnnouncedSurvey> survey(
      new AnnouncedSurvey(settings, range, output, std::move(stop)));
  if (const auto opened = survey->OpenTopics(); !opened) return opened.error();
  return survey;
}

Result<void> AnnouncedSurvey::OpenTopics() {
  const common::TopicNames& names = settings_.topics;
  for (const auto& [source, name] :
       {std::pair(&expected_, &names.expected), std::pair(&callbacks_, &names.callbacks),
        std::pair(&processes_, &names.processes)}) {
    auto opened = AuditSource::Open(settings_, *name);
    if (!opened) return opened.error();
    *source = *std::move(opened);
  }
  return {};
}

Result<AnnouncedSums> AnnouncedSurvey::Run(const AnnouncedVisit& visit) {
  now_ = common::WallNow();
  Result<void> audited = Prepare();
  std::vector<Partitions> batches;
  std::int64_t size = 0;
  for (const auto& [partition, extent] : expected_->extents()) {
    size += extent.to - extent.from;
    if (batches.empty() || size > kAnnouncementsAtOnce) {
      batches.emplace_back();
      size = extent.to - extent.from;
    }
    batches.back().push_back(partition);
  }
  for (const Partitions& partitions : batches) {
    if (audited) audited = Audit(partitions, visit);
  }
  pace_.progress.Clear();
  if (!audited) return audited.error();
  if (moved_ > 0) {
    sums_.notes.push_back(std::to_string(moved_) +
                          " announcements are not judged: they are outside the partition of their "
                          "key, or were copied there when partitions were added");
  }
  if (announcements_complete_since_ > range_.from) {
    sums_.notes.push_back("announcements before " +
                          (announcements_complete_since_ == WallTime::max()
                               ? "now"
                               : common::FormatRfc3339(announcements_complete_since_)) +
                          " may have expired");
  }
  return std::move(sums_);
}

Result<void> AnnouncedSurvey::Prepare() {
  if (const auto found = expected_->Learn(range_.from); !found) return found.error();
  for (AuditSource* source : {callbacks_.get(), processes_.get()}) {
    if (const auto found = source->Learn(range_.from - kBefore); !found) return found.error();
    if (source->extents().size() != expected_->extents().size()) {
      return Reject(settings_.topics.expected +
                    " has another number of partitions than callbacks and results: see "
                    "`sluicectl topics check`");
    }
  }
  const auto callbacks = KeptSince(settings_, settings_.topics.callbacks);
  if (!callbacks) return callbacks.error();
  callbacks_kept_since_ = *callbacks;
  pace_.total =
      SizeOf(expected_->extents()) + SizeOf(callbacks_->extents()) + SizeOf(processes_->extents());
  return {};
}

Result<void> AnnouncedSurvey::Audit(const Partitions& partitions, const AnnouncedVisit& visit) {
  Ledgers ledgers;
  for (const common::Partition partition : partitions) {
    ledgers.emplace(partition, AnnouncedLedger(range_));
  }
  if (const auto read = ReadAnnouncements(ledgers); !read) return read.error();
  // The ends of these were looked up before; what has come since then counts as well.
  for (AuditSource* source : {callbacks_.get(), processes_.get()}) {
    if (const auto found = source->Learn(range_.from - kBefore); !found) return found.error();
  }
  if (const auto read = ReadCallbacks(ledgers); !read) return read.error();
  if (const auto read = ReadResults(ledgers); !read) return read.error();
  return Judge(ledgers, visit);
}

Result<void> AnnouncedSurvey::ReadAnnouncements(Ledgers& ledgers) {
  const milliseconds usual = settings_.expected.value_or(common::ExpectedSettings()).within;
  const auto read = expected_->Read(
      Only(expected_->extents(), PartitionsIn(ledgers)), pace_, [&](const ScannedRecord& record) {
        const auto announced =
            common::json::ReadExpectedRecord(record.key(), record.value_or_null());
        AnnouncedLedger& ledger = ledgers.at(record.partition());
        if (!announced) {
          ++sums_.mistaken;
        } else if (IsMoved(record, expected_->extents().size())) {
          ++moved_;
        } else if (const auto* one = std::get_if<common::ExpectedProcess>(&*announced)) {
          // consumer waits no longer.
          const auto within =
              std::min<milliseconds>(one->within.value_or(usual), settings_.ExpectedWait());
          ledger.Announce(*one, record.offset(), record.time(), within);
        } else {
          ledger.Forget(record.key());
        }
      });
  if (!read) return read.error();
  for (const auto& [partition, ledger] : ledgers) {
    announcements_complete_since_ =
        std::max(announcements_complete_since_, expected_->CompleteSince(partition));
  }
  return {};
}

Result<void> AnnouncedSurvey::ReadCallbacks(Ledgers& ledgers) {
  return callbacks_->Read(
      Only(callbacks_->extents(), PartitionsIn(ledgers)), pace_, [&](const ScannedRecord& record) {
        const auto facts =
            common::ReadCallback(record.value(), record.headers(), settings_.providers);
        if (!facts.is_readable || !facts.is_final) return;
        ledgers.at(record.partition())
            .Came(facts.dossier.str(), facts.process.str(), record.time(), Sign::kCallback);
      });
}

Result<void> AnnouncedSurvey::ReadResults(Ledgers& ledgers) {
  return processes_->Read(Only(processes_->extents(), PartitionsIn(ledgers)), pace_,
                          [&](const ScannedRecord& record) {
                            const auto name = ReadResultName(record.value(), settings_.providers);
                            if (!name || !name->dossier || !name->process) return;
                            if (!common::IsFinalStatus(name->status)) return;
                            ledgers.at(record.partition())
                                .Came(*name->dossier, *name->process, record.time(),
                                      name->place ? Sign::kCallback : Sign::kReconciled);
                          });
}

Result<void> AnnouncedSurvey::Judge(const Ledgers& ledgers, const AnnouncedVisit& visit) {
  for (const auto& [partition, ledger] : ledgers) {
    const AnnouncedJudgement judgement = ledger.Judge(now_, CompleteSince(partition));
    Add(sums_.judged, judgement);
    sums_.missing += judgement.missing.size();
    if (judgement.missing.empty()) continue;
    // Names are not in the ledger.
    auto next = judgement.missing.begin();
    const Extent extent{next->offset, judgement.missing.back().offset + 1};
    const auto read =
        expected_->Read({{partition, extent}}, pace_, [&](const ScannedRecord& record) {
          while (next != judgement.missing.end() && next->offset < record.offset()) ++next;
          if (next != judgement.missing.end() && next->offset == record.offset()) {
            visit(*next, record);
          }
        });
    if (!read) return read.error();
  }
  return {};
}

WallTime AnnouncedSurvey::CompleteSince(common::Partition partition) const {
  // Only retention deletes callbacks. Results may be deleted by others, too.
  return std::max(std::min(callbacks_->CompleteSince(partition), callbacks_kept_since_),
                  processes_->CompleteSince(partition));
}

}  // namespace ctl
