#include "ingest/spool/replay.h"

#include <algorithm>
#include <utility>

#include "common/domain/key_partition.h"

namespace ingest {
namespace {

/// The next acks will make room.
constexpr std::chrono::milliseconds kUntilThereIsRoom{20};
constexpr std::string_view kRefusedByTheClient =
    "refused by the client: larger than message.max.bytes";
constexpr std::string_view kFailsAlone =
    "failed again and again while others of its partition were stored";

}  // namespace

Replay::Replay(CallbackSink& kafka, PartitionCount partitions, Source& source)
    : kafka_(kafka), partitions_(std::move(partitions)), source_(source) {}

common::Result<void> Replay::RunTurn(TimePoint now, common::Deadline until) {
  ExpireSent(now);
  outcomes_.is_away = false;
  if (now < resting_until_) return {};
  next_turn_ = now + kTick;
  const int partitions = std::max(partitions_(), 1);
  if (partitions != plan_.partitions()) Replan(partitions);
  auto scanned = Scan(now);
  // Known callbacks may be readable anyway.
  auto offered = OfferRound(now, until);
  return scanned ? offered : scanned;
}

common::Result<void> Replay::Scan(TimePoint now) {
  if (now < next_scan_) return {};
  const std::int64_t last = source_.last_sequence();
  plan_.EndsAt(last);
  if (const auto gap = gaps_.Due(now)) ReadGap(*gap, now);
  const std::optional<std::int64_t> from = plan_.BeginScan(now);
  if (!from) return {};
  const ScanGaps::Range range = gaps_.Next(*from, last);
  Source::Scanned scanned{.passed = range.to};
  if (range.from <= range.to) {
    const int partitions = plan_.partitions();
    const bool is_trial = gaps_.is_trial();
    scanned = source_.Scan(range.from, range.to, is_trial ? 1 : kScannedRows,
                           [&](std::int64_t sequence, std::string_view key, std::size_t size) {
                             if (is_trial || done_.Contains(sequence)) return;
                             plan_.Found(RowOf(sequence, key, size),
                                         common::PartitionOf(key, partitions));
                           });
  }
  const bool is_closed = scanned.error && scanned.error->code == "closed";
  plan_.EndScan(
      is_closed
          ? *from - 1
          : gaps_.Passed(range, {.passed = scanned.passed, .has_failed = scanned.error.has_value()},
                         now));
  if (!scanned.error) {
    next_turn_ = now;
    return {};
  }
  next_turn_ = next_scan_ = now + (gaps_.is_probing() && !is_closed ? kTick : kRest);
  return *scanned.error;
}

void Replay::ReadGap(const ScanGaps::Range& gap, TimePoint now) {
  const int partitions = plan_.partitions();
  std::optional<std::int64_t> no_room;
  const Source::Scanned scanned =
      source_.Scan(gap.from, gap.to, kScannedRows,
                   [&](std::int64_t sequence, std::string_view key, std::size_t size) {
                     if (no_room || done_.Contains(sequence)) return;
                     const common::Partition partition = common::PartitionOf(key, partitions);
                     if (!plan_.FoundLate(RowOf(sequence, key, size), partition))
                       no_room = sequence;
                   });
  if (scanned.error && scanned.error->code == "closed") return;
  gaps_.PassedGap(
      gap,
      {.passed = no_room ? *no_room - 1 : scanned.passed, .has_failed = !no_room && scanned.error},
      now);
}

WaitingRow Replay::RowOf(std::int64_t sequence, std::string_view key, std::size_t size) {
  return {.sequence = sequence, .key = std::hash<std::string_view>()(key), .size = size};
}

common::Result<void> Replay::OfferRound(TimePoint now, common::Deadline until) {
  common::Result<void> result;
  bool is_first = true;  // Of the readable ones.
  const std::vector<InFlightRow> round = plan_.Round(now);
  const auto give_back_from = [&](auto row) {
    std::for_each(row, round.end(), [&](const InFlightRow& rest) { plan_.NotOffered(rest); });
  };
  for (auto row = round.begin(); row != round.end(); ++row) {
    if (row != round.begin() && until.HasPassed()) {
      give_back_from(row);
      next_turn_ = std::min(next_turn_, now);
      break;
    }
    auto read = source_.Read(row->sequence);
    const bool is_closed = !read && read.error().code == "closed";
    if (!read && result) result = read.error();
    if (!read && !is_closed) {
      plan_.NotRead(*row, now);
      continue;
    }
    if (read && !*read) plan_.Left(*row);
    if (is_closed || (*read && !Offer(*row, std::move(**read), now))) {
      give_back_from(row);
      outcomes_.is_away = !is_closed && is_first && next_turn_ == now + kRest;
      if (is_closed) Rest(now + kRest);
      return result;
    }
    is_first = false;
  }
  if (!result && is_first) Rest(now + kRest);
  return result;
}

bool Replay::Offer(const InFlightRow& row, SpooledCallback callback, TimePoint now) {
  Done done{.sequence = row.sequence, .provider = callback.envelope.provider};
  // The report may arrive before Offer() returns, but this thread handles it later.
  last_number_ = last_number_ == UINT32_MAX ? 1 : last_number_ + 1;
  switch (kafka_.Offer(last_number_, std::move(callback.envelope))) {
    case Offered::kTaken:
      sent_.insert_or_assign(last_number_,
                             Sent{.row = row, .callback = std::move(done), .offered_at = now});
      return true;
    case Offered::kRefused:
      Refuse(row, std::move(done), kRefusedByTheClient);
      return true;
    case Offered::kFull:
      next_turn_ = now + kUntilThereIsRoom;
      return false;
    case Offered::kAway:
      break;
  }
  Rest(now + kRest);
  return false;
}

void Replay::OnReports(std::span<const StorageReport> reports, TimePoint now) {
  for (const StorageReport& report : reports) Settle(report, now);
  if (!reports.empty()) next_turn_ = std::max(now, resting_until_);
}

void Replay::Settle(const StorageReport& report, TimePoint now) {
  auto node = sent_.extract(report.number);
  if (node.empty()) return;
  Sent& sent = node.mapped();
  switch (report.outcome) {
    case StorageOutcome::kStored:
    case StorageOutcome::kSpooled:
      plan_.Stored(sent.row, now);
      done_.Insert(sent.row.sequence);
      outcomes_.stored.push_back(std::move(sent.callback));
      return;
    case StorageOutcome::kRefused:
      if (report.is_of_batch && !plan_.RefusedWithOthers(sent.row)) return;
      Refuse(sent.row, std::move(sent.callback), report.reason);
      return;
    case StorageOutcome::kUnavailable:
      break;
  }
  if (plan_.Failed(sent.row, now)) Refuse(sent.row, std::move(sent.callback), kFailsAlone);
}

void Replay::ExpireSent(TimePoint now) {
  while (!sent_.empty() && sent_.begin()->second.offered_at + kPatience <= now) {
    Settle({.number = sent_.begin()->first, .outcome = StorageOutcome::kUnavailable}, now);
  }
}

void Replay::Refuse(const InFlightRow& row, Done callback, std::string_view reason) {
  plan_.Left(row);
  done_.Insert(row.sequence);
  outcomes_.refused.push_back({.callback = std::move(callback), .reason = std::string(reason)});
}

void Replay::Removed(std::span<const SequenceRange> rows) {
  for (const SequenceRange& range : rows) done_.Erase(range);
}

void Replay::StartOver(std::int64_t gone) {
  done_.Erase({.from = 0, .to = gone});
  gaps_ = {};
  next_scan_ = {};
  Replan(plan_.partitions());
}

void Replay::Replan(int partitions) {
  // Offers everything in flight again; reports on the first offers are ignored.
  sent_.clear();
  plan_ = ReplayPlan(partitions);
}

}  // namespace ingest
