#include "ingest/spool/replay.h"

#include <algorithm>
#include <utility>

#include "common/domain/key_partition.h"

namespace ingest {
namespace {

/// Room comes with the next acks.
constexpr std::chrono::milliseconds kUntilThereIsRoom{20};
constexpr std::string_view kRefusedByTheClient =
    "refused by the client: larger than message.max.bytes";
constexpr std::string_view kFailsAlone =
    "failed again and again while others of its partition were stored";

}  // namespace

Replay::Replay(CallbackSink& kafka, PartitionCount partitions, Source& source)
    : kafka_(kafka), partitions_(std::move(partitions)), source_(source) {}

common::Result<void> Replay::TakeTurn(TimePoint now) {
  LoseHope(now);
  outcomes_.is_away = false;
  if (now < resting_until_) return {};
  next_turn_ = now + kTick;
  const int partitions = std::max(partitions_(), 1);
  if (partitions != plan_.partitions()) PlanAnew(partitions);
  auto scanned = Scan(now);
  // What is known already may be readable all the same.
  auto offered = OfferRound(now);
  if (scanned) return offered;
  Rest(now + kRest);
  return scanned;
}

common::Result<void> Replay::Scan(TimePoint now) {
  plan_.EndsAt(source_.last_sequence());
  const std::optional<std::int64_t> from = plan_.BeginScan(now);
  if (!from) return {};
  const int partitions = plan_.partitions();
  const auto scanned = source_.Scan(
      *from, kScannedRows, [&](std::int64_t sequence, std::string_view key, std::size_t size) {
        if (done_.contains(sequence)) return;
        plan_.Found({.sequence = sequence, .key = std::hash<std::string_view>()(key), .size = size},
                    common::PartitionOf(key, partitions));
      });
  if (!scanned) return scanned.error();
  plan_.EndScan(*scanned);
  next_turn_ = now;
  return {};
}

common::Result<void> Replay::OfferRound(TimePoint now) {
  common::Result<void> result;
  bool is_first = true;  // Of those that could be read.
  const std::vector<InFlightRow> round = plan_.Round(now);
  for (auto row = round.begin(); row != round.end(); ++row) {
    auto read = source_.Read(row->sequence);
    const bool is_closed = !read && read.error().code == "closed";
    if (!read && result) result = read.error();
    if (!read && !is_closed) {
      plan_.NotRead(*row, now);
      continue;
    }
    if (read && !*read) plan_.Left(*row);
    if (is_closed || (*read && !Offer(*row, std::move(**read), now))) {
      std::for_each(row, round.end(), [&](const InFlightRow& rest) { plan_.NotOffered(rest); });
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
  Done done{
      .sequence = row.sequence, .provider = callback.envelope.provider, .size = callback.size};
  // Its report may come before Offer() has returned, but is taken by this thread.
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
      done_.insert(sent.row.sequence);
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

void Replay::LoseHope(TimePoint now) {
  while (!sent_.empty() && sent_.begin()->second.offered_at + kPatience <= now) {
    Settle({.number = sent_.begin()->first, .outcome = StorageOutcome::kUnavailable}, now);
  }
}

void Replay::Refuse(const InFlightRow& row, Done callback, std::string_view reason) {
  plan_.Left(row);
  done_.insert(row.sequence);
  outcomes_.refused.push_back({.callback = std::move(callback), .reason = std::string(reason)});
}

void Replay::Removed(std::span<const std::int64_t> sequences) {
  for (const std::int64_t sequence : sequences) done_.erase(sequence);
}

void Replay::StartOver() {
  done_.clear();
  PlanAnew(plan_.partitions());
}

void Replay::PlanAnew(int partitions) {
  // What is in flight is offered again; the reports of the first time find nothing.
  sent_.clear();
  plan_ = ReplayPlan(partitions);
}

}  // namespace ingest
