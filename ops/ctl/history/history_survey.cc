#include "ops/ctl/history/history_survey.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "common/domain/copied_record.h"
#include "common/domain/key_partition.h"
#include "common/domain/marker.h"
#include "common/domain/record_headers.h"
#include "ops/ctl/history/result_document.h"
#include "ops/ctl/history/scope_findings.h"
#include "ops/ctl/records/header_values.h"
#include "ops/ctl/records/named_callback.h"

namespace ctl {
namespace {

using common::LastHeader;
using common::Result;
using common::WallTime;
namespace header = common::header;

/// Instances that take turns on a partition number its transactions by their clocks.
constexpr std::chrono::minutes kClockSlack{5};

common::RecordPosition PlaceOf(const ScannedRecord& record) {
  return {record.partition(), record.offset()};
}

bool IsCopy(const ScannedRecord& record) {
  return record.Header(std::string(common::kCopiedFromHeader)).has_value();
}

}  // namespace

HistorySurvey::HistorySurvey(const ClusterSettings& settings, WallTime from, Output& output,
                             std::stop_token stop, Visit visit)
    : settings_(settings),
      from_(from),
      progress_(output, "history"),
      stop_(std::move(stop)),
      visit_([this, visit = std::move(visit)](const HistoryFinding& finding) {
        progress_.Clear();
        visit(finding);
      }) {}

Result<HistorySums> HistorySurvey::Run() {
  Result<HistoryScope> scope = FindHistoryScope(settings_, from_, stop_);
  if (!scope) return scope.error();
  scope_ = *std::move(scope);
  const Result<void> checked = CheckAll();
  progress_.Clear();
  if (!checked) return checked.error();
  sums_.undone = undone_.Count();
  sums_.are_offsets_stable = scope_.are_offsets_stable;
  return sums_;
}

Result<void> HistorySurvey::CheckAll() {
  for (const HistoryFinding& finding : FindOffsetsThatDoNotFit(scope_)) visit_(finding);
  for (const HistoryLog* log : scope_.Logs()) {
    for (const HistoryFinding& finding : FindNamelessHanging(*log, common::WallNow())) {
      visit_(finding);
    }
    const bool is_written = log != &scope_.callbacks && log != &scope_.expected;
    total_ += SizeOf(log->extents) * (is_written ? 2 : 1);
    // Results and markers lie where their callbacks do, even if their topics have more partitions.
    const bool is_apart = log == &scope_.expected;
    const int partitions = is_apart ? static_cast<int>(log->whole.size()) : scope_.partitions();
    places_.emplace(log, KeyPlacement(partitions));
  }
  for (HistoryLog* log : {&scope_.callbacks, &scope_.expected}) {
    if (log->scan == nullptr) continue;
    if (auto checked = CheckPlaces(*log); !checked) return checked;
  }
  if (auto read = ReadLetters(); !read) return read;
  for (const Partitions& partitions : scope_.Batches()) {
    if (auto checked = CheckTransactions(partitions); !checked) return checked;
  }
  return {};
}

Result<void> HistorySurvey::CheckPlaces(HistoryLog& log) {
  return Read(log, log.Stable(log.extents), true, [&](const ScannedRecord& record) {
    if (record.key().empty() || IsCopy(record)) return;
    // An audit puts a callback back on the partition where its marker is.
    const auto redrive = record.Header(std::string(header::kRedrive));
    const auto of = redrive ? ReadRedriveName(*redrive, log.name) : std::nullopt;
    if (of && of->partition == record.partition()) return;
    CheckPlace(log, record, common::Murmur2(record.key()));
  });
}

Result<void> HistorySurvey::ReadLetters() {
  HistoryLog& dead = scope_.dead;
  VisibleOffsets visible(dead.extents);
  auto read = Read(dead, dead.Stable(dead.extents), true,
                   [&](const ScannedRecord& record) { visible.Mark(PlaceOf(record)); });
  if (!read) return read;
  return Read(dead, dead.extents, false, [&](const ScannedRecord& record) {
    const common::RecordHeaders headers = record.headers();
    const auto source = PartitionIn(headers, header::kDeadPartition);
    auto letter = ReadNamed(dead, Written::kLetter, record, headers, visible);
    if (letter && source) {
      letters_[*source].push_back(*std::move(letter));
    }
  });
}

Result<void> HistorySurvey::CheckTransactions(const Partitions& partitions) {
  Ledgers ledgers;
  for (const common::Partition partition : partitions) {
    TransactionLedger ledger(partition, {.results = scope_.processes.name,
                                         .markers = scope_.seen.name,
                                         .letters = scope_.dead.name});
    for (const Named& letter : letters_[partition]) ledger.Add(letter.name, letter.record);
    ledgers.emplace(partition, std::move(ledger));
  }
  if (auto read = ReadWritten(scope_.processes, Written::kResult, ledgers); !read) return read;
  if (auto read = ReadWritten(scope_.seen, Written::kMarker, ledgers); !read) return read;
  for (auto& [partition, ledger] : ledgers) {
    sums_.transactions += ledger.Judge(
        {.committed = scope_.CommittedOn(partition),
         .horizon = HorizonOf(partition),
         .now = common::WallNow()},
        visit_, [&](const auto& name, bool is_visible) { undone_.Add(name, is_visible); });
  }
  return {};
}

Result<void> HistorySurvey::ReadWritten(HistoryLog& log, Written kind, Ledgers& ledgers) {
  Extents all;
  for (const auto& [partition, ledger] : ledgers) {
    const auto extent = log.extents.find(partition);
    if (extent != log.extents.end()) all.insert(*extent);
  }
  VisibleOffsets visible(all);
  auto read = Read(log, log.Stable(all), true, [&](const ScannedRecord& record) {
    visible.Mark(PlaceOf(record));
    CheckVisible(log, kind, record, ledgers.at(record.partition()));
  });
  if (!read) return read;
  return Read(log, all, false, [&](const ScannedRecord& record) {
    if (IsCopy(record)) return;
    const auto written = ReadNamed(log, kind, record, record.headers(), visible);
    if (written) ledgers.at(record.partition()).Add(written->name, written->record);
  });
}

void HistorySurvey::CheckVisible(const HistoryLog& log, Written kind, const ScannedRecord& record,
                                 TransactionLedger& ledger) {
  if (kind == Written::kResult) {
    if (auto foreign = FindForeignId(record.key(), record.value())) {
      Find(Anomaly::kForeignDocument, log, record, *std::move(foreign));
    }
    if (!record.key().empty()) CheckPlace(log, record, common::Murmur2(record.key()));
    return;
  }
  if (IsCopy(record)) return;
  const common::RecordHeaders headers = record.headers();
  const auto marker = common::ReadMarker(record.key(), headers, record.time());
  if (marker && !IsReconciled(headers)) ledger.markers().Add(*marker, record.offset());
  CheckPlace(log, record,
             common::ReadHashText(LastHeader(headers, common::kKeyHashHeader).value_or("")));
}

void HistorySurvey::CheckPlace(const HistoryLog& log, const ScannedRecord& record,
                               std::optional<std::uint32_t> hash) {
  KeyPlacement& places = places_.at(&log);
  if (!hash || !places.IsMisplaced(record.partition(), *hash)) return;
  Find(Anomaly::kWrongPartition, log, record, RightPlace(*hash, places.partitions()));
}

Result<void> HistorySurvey::Read(HistoryLog& log, const Extents& extents, bool is_committed,
                                 const std::function<void(const ScannedRecord&)>& visit) {
  const auto ended = log.scan->Read(
      {.extents = extents,
       .visit =
           [&](const ScannedRecord& record) {
             visit(record);
             return true;
           },
       .progress = [&](std::int64_t done,
                       std::int64_t /*total*/) { progress_.Show(done_ + done, total_); },
       .stop = stop_,
       .with_uncommitted = !is_committed});
  if (!ended) return ended.error();
  if (*ended != TopicScan::Ended::kAtEnd) {
    return Interrupted("interrupted while reading " + log.name);
  }
  done_ += SizeOf(extents);
  return {};
}

std::optional<HistorySurvey::Named> HistorySurvey::ReadNamed(const HistoryLog& log, Written kind,
                                                             const ScannedRecord& record,
                                                             const common::RecordHeaders& headers,
                                                             const VisibleOffsets& visible) {
  const bool is_visible = visible.Has(PlaceOf(record));
  auto name = common::ReadTransactionName(headers);
  if (!name) {
    if (is_visible) ++sums_.nameless;
    return std::nullopt;
  }
  first_[&log].try_emplace(record.partition(), common::BegunAt(*name));
  WrittenRecord written = DescribeWritten(kind, log, record, headers, settings_.providers);
  written.is_visible = is_visible;
  return Named{*std::move(name), written};
}

// Where the scan does not begin with the log, records of its first transactions are missing.
WallTime HistorySurvey::HorizonOf(common::Partition partition) const {
  const auto first_of = [&](const HistoryLog& log, common::Partition place) {
    const auto all = first_.find(&log);
    if (all == first_.end() || !all->second.contains(place)) return WallTime::max();
    return all->second.at(place) + kClockSlack;
  };
  WallTime horizon = from_;
  for (const HistoryLog* log : {&scope_.processes, &scope_.seen}) {
    const auto extent = log->extents.find(partition);
    if (extent == log->extents.end() || extent->second.from == common::Offset()) continue;
    horizon = std::max(horizon, first_of(*log, partition));
  }
  // Letters have the times of their transactions, so only retention can have removed some.
  for (const auto& [place, extent] : scope_.dead.whole) {
    const bool has_expired =
        extent.from > common::Offset() && scope_.dead.extents.at(place).from == extent.from;
    if (!has_expired) continue;
    horizon = std::max(horizon, std::min(first_of(scope_.dead, place), common::WallNow()));
  }
  return horizon;
}

void HistorySurvey::Find(Anomaly anomaly, const HistoryLog& log, const ScannedRecord& record,
                         std::string what) const {
  visit_({.anomaly = anomaly,
          .topic = log.name,
          .partition = record.partition(),
          .offset = record.offset(),
          .transaction = common::ReadTransactionName(record.headers()),
          .what = std::move(what)});
}

}  // namespace ctl
