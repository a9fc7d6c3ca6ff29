#include "ops/ctl/history/transaction_ledger.h"

#include <algorithm>
#include <utility>

namespace ctl {
namespace {

using common::TransactionName;
using common::TransactionOutcome;

/// No transaction lasts so long: those of consumer time out after 10 s, those of a repair after 60
/// s.
constexpr std::chrono::minutes kLongest{2};
/// Of a reconciled result, see common/domain/reconciled.h.
constexpr std::uint32_t kMarkersOfReconciled = 4;

constexpr std::array kAllKinds = {Written::kResult, Written::kMarker, Written::kLetter};

std::size_t IndexOf(Written kind) { return static_cast<std::size_t>(kind); }

std::uint8_t BitOf(Written kind) { return static_cast<std::uint8_t>(1U << IndexOf(kind)); }

std::string Named(Written kind, std::uint32_t count) {
  const char* const noun = kind == Written::kResult   ? " result"
                           : kind == Written::kMarker ? " marker"
                                                      : " dead letter";
  return std::to_string(count) + noun + (count == 1 ? "" : "s");
}

}  // namespace

std::size_t TransactionLedger::HashOfKey::operator()(const Key& key) const noexcept {
  constexpr std::uint64_t kSpread = 0x9E3779B97F4A7C15U;  // Numbers are times in microseconds.
  return (key.number + key.instance) * kSpread;
}

void TransactionLedger::Add(const TransactionName& name, const WrittenRecord& record) {
  const auto [entry, is_new] =
      index_of_.try_emplace(name.instance, static_cast<std::uint32_t>(instances_.size()));
  if (is_new) instances_.push_back(name.instance);
  Tally& tally = tallies_[{name.number, entry->second}];
  tally.is_settled = tally.is_settled || record.is_settled;
  Count& count = tally.counts.at(IndexOf(record.kind));
  if (record.is_open) tally.open |= BitOf(record.kind);
  if (record.is_open || (tally.placed & BitOf(record.kind)) == 0) {
    tally.placed |= BitOf(record.kind);
    count.partition = record.partition;
    count.offset = record.offset;
  }
  if (!record.is_copy) ++count.written;
  if (!record.is_visible) return;
  ++(record.is_copy ? count.copies : count.visible);
  CountVisible(record, tally);
}

void TransactionLedger::CountVisible(const WrittenRecord& record, Tally& tally) {
  const auto more = static_cast<std::uint32_t>(std::max(0, record.more_markers));
  switch (record.kind) {
    case Written::kResult:
      if (record.is_reconciled) ++tally.reconciled_results;
      if (!record.is_reconciled) tally.more_of_results += more;
      return;
    case Written::kLetter:
      tally.more_of_letters += more;
      return;
    case Written::kMarker:
      break;
  }
  if (record.is_reconciled) {
    ++tally.reconciled;
  } else if (!record.outcome) {
    ++tally.unknown;
  } else if (*record.outcome == common::MarkerOutcome::kPublished) {
    ++tally.published;
  } else if (*record.outcome == common::MarkerOutcome::kDead) {
    ++tally.dead;
  }
}

TransactionLedger::Sums& TransactionLedger::Sums::operator+=(const Sums& others) {
  transactions += others.transactions;
  visible += others.visible;
  aborted += others.aborted;
  open += others.open;
  unjudged += others.unjudged;
  faulty += others.faulty;
  return *this;
}

TransactionLedger::Sums TransactionLedger::Judge(const Terms& terms, const Visit& visit,
                                                 const Ended& ended) {
  Sums sums{.transactions = tallies_.size()};
  for (const auto& [key, tally] : tallies_) {
    const TransactionName name{instances_.at(key.instance), key.number};
    if (tally.open != 0) {
      ++sums.open;
      const auto age = terms.now - common::BegunAt(name);
      if (age <= kLongest) continue;
      Written kind = Written::kLetter;
      if ((tally.open & BitOf(Written::kMarker)) != 0) kind = Written::kMarker;
      if ((tally.open & BitOf(Written::kResult)) != 0) kind = Written::kResult;
      visit(FindingAt(Anomaly::kHangingTransaction, name, tally, kind,
                      "open since " + common::FormatRfc3339(common::BegunAt(name)) +
                          "; readers of committed records stop here: sluicectl transactions"));
      continue;
    }
    if (!tally.is_settled || common::BegunAt(name) < terms.horizon) {
      ++sums.unjudged;
      continue;
    }
    const bool is_visible = std::ranges::any_of(
        tally.counts, [](const Count& count) { return count.visible + count.copies > 0; });
    ended(name, is_visible);
    auto finding = JudgeVisibility(name, tally, terms);
    if (!finding && is_visible) finding = JudgePairs(name, tally);
    if (finding) {
      ++sums.faulty;
      visit(*finding);
    } else {
      ++(is_visible ? sums.visible : sums.aborted);
    }
  }
  markers_.ForEach([&](common::Offset offset, common::Offset before) {
    visit({.anomaly = Anomaly::kDuplicate,
           .topic = topics_.markers,
           .partition = partition_,
           .offset = offset,
           .transaction = std::nullopt,
           .what = "the same marker is at offset " + ToText(before)});
  });
  return sums;
}

std::optional<HistoryFinding> TransactionLedger::JudgeVisibility(const TransactionName& name,
                                                                 const Tally& tally,
                                                                 const Terms& terms) const {
  std::uint32_t visible = 0;
  std::uint32_t vanished = 0;
  std::optional<Written> lacking;
  std::optional<Written> doubled;
  Written first = Written::kMarker;
  std::string counted;
  for (const Written kind : kAllKinds) {
    const Count& count = tally.counts.at(IndexOf(kind));
    const std::uint32_t seen = count.visible + count.copies;
    const std::uint32_t written = std::max(count.written, count.copies);
    if (seen > written) doubled = kind;
    if (seen < written && !lacking) lacking = kind;
    if (seen > 0 && visible == 0) first = kind;
    visible += seen;
    vanished += written - std::min(written, seen);
    if (written == 0) continue;
    counted += (counted.empty() ? "" : ", ") + std::to_string(seen) + " of its " +
               Named(kind, written) + " visible";
  }
  if (doubled) {
    return FindingAt(Anomaly::kDuplicate, name, tally, *doubled,
                     "a copy is visible beside its original: " + counted);
  }
  const TransactionOutcome by_offset = common::JudgeTransaction(name, {terms.committed}, {});
  const bool is_replaced = by_offset == TransactionOutcome::kAborted;
  if (visible == 0) {
    if (by_offset != TransactionOutcome::kCommitted) return std::nullopt;
    return FindingAt(Anomaly::kTornTransaction, name, tally, lacking.value_or(first),
                     counted + ", but the group's offset is its own");
  }
  if (vanished > 0) {
    // The finding points at the visible records, since readers have got them.
    return FindingAt(is_replaced ? Anomaly::kAbortedRead : Anomaly::kTornTransaction, name, tally,
                     first,
                     counted + (is_replaced ? ", and the group's offset is an earlier one's" : ""));
  }
  if (!is_replaced) return std::nullopt;
  return FindingAt(Anomaly::kTornTransaction, name, tally, first,
                   counted + ", but the group's offset is that of the earlier transaction " +
                       terms.committed.metadata->transaction + " of " +
                       terms.committed.metadata->instance);
}

std::optional<HistoryFinding> TransactionLedger::JudgePairs(const TransactionName& name,
                                                            const Tally& tally) const {
  if (tally.unknown > 0) return std::nullopt;  // Which of both they stand for is unknown.
  const auto seen = [&](Written kind) {
    const Count& count = tally.counts.at(IndexOf(kind));
    return count.visible + count.copies;
  };
  const std::uint32_t results = seen(Written::kResult) - tally.reconciled_results;
  const std::uint32_t letters = seen(Written::kLetter);
  const auto lacks = [&](Written kind, std::uint32_t records, std::uint32_t markers) {
    return FindingAt(Anomaly::kRecordWithoutMarker, name, tally, kind,
                     Named(kind, records) + ", and " + Named(Written::kMarker, markers));
  };
  if (results > tally.published) return lacks(Written::kResult, results, tally.published);
  if (letters > tally.dead) return lacks(Written::kLetter, letters, tally.dead);
  if (tally.reconciled_results > tally.reconciled) {
    return lacks(Written::kResult, tally.reconciled_results, tally.reconciled);
  }
  const auto surplus = [&](Written kind, std::uint32_t records, std::uint32_t markers) {
    return FindingAt(Anomaly::kMarkerWithoutRecord, name, tally, Written::kMarker,
                     Named(Written::kMarker, markers) + ", and " + Named(kind, records));
  };
  if (tally.published > results + tally.more_of_results) {
    return surplus(Written::kResult, results, tally.published);
  }
  if (tally.dead > letters + tally.more_of_letters) {
    return surplus(Written::kLetter, letters, tally.dead);
  }
  if (tally.reconciled > kMarkersOfReconciled * tally.reconciled_results) {
    return surplus(Written::kResult, tally.reconciled_results, tally.reconciled);
  }
  return std::nullopt;
}

HistoryFinding TransactionLedger::FindingAt(Anomaly anomaly, const TransactionName& name,
                                            const Tally& tally, Written kind,
                                            std::string what) const {
  const Count& count = tally.counts.at(IndexOf(kind));
  const bool is_placed = (tally.placed & BitOf(kind)) != 0;
  return {.anomaly = anomaly,
          .topic = TopicOf(kind),
          .partition = count.partition,
          .offset = is_placed ? std::optional(count.offset) : std::nullopt,
          .transaction = name,
          .what = std::move(what)};
}

const std::string& TransactionLedger::TopicOf(Written kind) const {
  switch (kind) {
    case Written::kResult:
      return topics_.results;
    case Written::kLetter:
      return topics_.letters;
    case Written::kMarker:
      break;
  }
  return topics_.markers;
}

}  // namespace ctl
